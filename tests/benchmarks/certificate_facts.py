"""Certificates of an invented county: runs of fifty, every name, number and code different."""

from collections.abc import Iterator
from datetime import date, timedelta

from certificates.render import CertificateFacts

RUN = 50
SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
FIRST = "建国秀桂海玉志晓明丽文永春德红金美东云小"
SECOND = "军英兰涛梅华强芳霞平勇辉燕鹏玲斌娟龙静伟"
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
COURSES = ("网店开设与直播", "农产品电商运营", "短视频拍摄与剪辑", "物流与仓储", "电商客服")


def name(index: int) -> str:
    first, rest = index % len(SURNAMES), index // len(SURNAMES)
    return SURNAMES[first] + FIRST[rest % len(FIRST)] + SECOND[(index * 7 + rest) % len(SECOND)]


def code(index: int) -> str:
    value = (index * 2_654_435_761_987 + 40_503) % 32**12
    return "".join(SIGNS[value >> 5 * place & 31] for place in range(12))


def facts(count: int, *, run: int = RUN) -> Iterator[CertificateFacts]:
    for index in range(count):
        number = index // run
        starts_on = date(2021, 3, 1) + timedelta(days=number % 200)
        yield CertificateFacts(
            number=f"YPH-2021-{index + 1:06d}",
            verify_code=code(index),
            verify_url=f"https://nongpei.example.cn/v/{code(index)}",
            name=name(index),
            masked_id=f"653***********{index % 10_000:04d}",
            course=COURSES[number % len(COURSES)],
            region="岳普湖县",
            programme="农村电子商务培训",
            run_number=number + 1,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=6),
            hours="48",
            issuer="岳普湖县电子商务服务中心",
            issued_on=starts_on + timedelta(days=8),
        )
