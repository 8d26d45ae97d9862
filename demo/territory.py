"""The operator's territory: head office, one province, 18 branches, 182 grids, titled in both languages."""

from __future__ import annotations

import sys
from dataclasses import dataclass

BRANCHES = 18
GRIDS = 182

_BRANCH_NAMES = (
    ("Linjiang", "临江"), ("Wanghu", "望湖"), ("Qingshan", "青山"), ("Baiyun", "白云"), ("Jinsha", "金沙"),
    ("Shiqiao", "石桥"), ("Liulin", "柳林"), ("Fengtai", "凤台"), ("Longquan", "龙泉"), ("Pingchuan", "平川"),
    ("Yunxi", "云溪"), ("Hekou", "河口"), ("Yanmen", "雁门"), ("Fengze", "丰泽"), ("Yong'an", "永安"),
    ("Changning", "长宁"), ("Tianchi", "天池"), ("Shawan", "沙湾"),
)  # fmt: skip
_GRID_NAMES = (
    ("Station Square", "站前"), ("University Town", "大学城"), ("New District", "新区"), ("Old Town", "老城"),
    ("Industrial Park", "工业园"), ("Riverside", "滨河"), ("Market", "商贸"), ("High Tech", "高新"),
    ("North Suburb", "北郊"), ("South Suburb", "南郊"), ("Stadium", "体育场"),
)  # fmt: skip
WESTERN_BRANCHES = ("B17", "B18")
"""Branches whose customers live by Urumqi time."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One node of the tree."""

    id: str
    kind: str
    parent: str | None
    english: str
    chinese: str


def units() -> list[Unit]:
    """All units, parents before children."""
    tree = [
        Unit("HQ", "head_office", None, "Head office", "集团总部"),
        Unit("P1", "province", "HQ", "Demo province", "示范省"),
    ]
    for number, (english, chinese) in enumerate(_BRANCH_NAMES, start=1):
        tree.append(Unit(f"B{number:02}", "branch", "P1", english, f"{chinese}分公司"))
    for number, (english, chinese) in enumerate(_BRANCH_NAMES, start=1):
        for grid in range(1, _grids_of(number) + 1):
            grid_english, grid_chinese = _GRID_NAMES[grid - 1]
            title = (f"{english} {grid_english}", f"{chinese}{grid_chinese}网格")
            tree.append(Unit(f"G{number:02}{grid:02}", "grid", f"B{number:02}", *title))
    return tree


def branch_of(grid: str) -> str:
    """The branch a grid belongs to."""
    return f"B{grid[1:3]}"


def _grids_of(branch: int) -> int:
    """182 grids over 18 branches: ten each, and one more in the first two."""
    each, more = divmod(GRIDS, BRANCHES)
    return each + (1 if branch <= more else 0)


def as_yaml() -> str:
    """The text of ``config/units.yaml``."""
    lines = [
        "# Head office, province, branches and grids. Grids are the leaves customers belong to.",
        "units:",
    ]
    for unit in units():
        parent = f", parent: {unit.parent}" if unit.parent else ""
        title = f'{{en: "{unit.english}", zh-CN: {unit.chinese}}}'
        lines.append(f"  - {{id: {unit.id}, kind: {unit.kind}{parent}, title: {title}}}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_yaml())
