"""Invented names: about seven in ten customers write theirs in Chinese, three in English."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰文辉玲宇欣然子涵梓轩雨桐浩思雅嘉怡晨"
_FIRST = (
    "Alice", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack", "Kate", "Leo",
    "Maria", "Noah", "Olivia", "Paul", "Rosa", "Sam", "Tina", "Victor", "Wendy", "Xenia", "Yusuf", "Zoe",
)  # fmt: skip
_LAST = (
    "Adams", "Baker", "Carter", "Diaz", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jones", "Kim",
    "Lopez", "Miller", "Nolan", "Okafor", "Petrov", "Rossi", "Smith", "Tanaka", "Weber", "Young",
)  # fmt: skip


def names(random: np.random.Generator, chinese: npt.NDArray[np.bool_]) -> list[str]:
    """One name each: a family name and one or two given characters, or a first and a last name."""
    count = len(chinese)
    family, first, second = (random.integers(size, size=count) for size in (len(_FAMILY), *[len(_GIVEN)] * 2))
    both = random.random(count) < 0.5
    forename, surname = random.integers(len(_FIRST), size=count), random.integers(len(_LAST), size=count)
    return [
        _FAMILY[family[place]] + _GIVEN[first[place]] + (_GIVEN[second[place]] if both[place] else "")
        if chinese[place]
        else f"{_FIRST[forename[place]]} {_LAST[surname[place]]}"
        for place in range(count)
    ]
