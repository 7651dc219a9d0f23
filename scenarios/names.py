"""Made-up names of streets and people."""

from __future__ import annotations

import numpy as np

STREET_FIRST = "文永和安长新青云丰康宁春秀明泰宝华庆福祥嘉广兴同德仁义望江柳桂兰松竹梅石桥塘湖月星"
STREET_SECOND = "安宁乐平昌盛源泰和顺光辉园林景苑亭桥河塘浦江山岭溪泉井门台阁堂荫芳华锦绣"
SUFFIXES = {
    "trunk": ("快速路",),
    "primary": ("大道", "路"),
    "secondary": ("路", "中路", "东路"),
    "tertiary": ("路", "街"),
    "unclassified": ("路", "线"),
    "residential": ("街", "巷", "路"),
    "living_street": ("巷", "弄", "里"),
}
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红军波辉鹏飞斌宇浩凯健俊帆婷雪琳晶欣"


def street_name(road: str, rng: np.random.Generator) -> str:
    """A name that sounds like a street of that class."""
    first, second = rng.choice(list(STREET_FIRST)), rng.choice(list(STREET_SECOND))
    return f"{first}{second}{rng.choice(SUFFIXES[road])}"


def person_name(rng: np.random.Generator) -> str:
    """A surname with one or two given characters."""
    given = rng.choice(list(GIVEN), size=1 + int(rng.random() < 0.6))
    return str(rng.choice(list(SURNAMES))) + "".join(given)
