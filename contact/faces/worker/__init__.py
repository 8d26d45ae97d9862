"""Workers: they dispatch what is due, sweep what time has overtaken and run imports and plans."""
