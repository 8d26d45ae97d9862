"""Invented names: about seven in ten customers write theirs in Chinese, three in English."""

from __future__ import annotations

import numpy as np

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


def chinese_name(random: np.random.Generator) -> str:
    """A family name and one or two given characters."""
    given = "".join(random.choice(list(_GIVEN), size=int(random.integers(1, 3))))
    return str(random.choice(list(_FAMILY))) + given


def english_name(random: np.random.Generator) -> str:
    """A first and a last name."""
    return f"{random.choice(_FIRST)} {random.choice(_LAST)}"
