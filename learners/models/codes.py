"""Code lists of the national standards that a person's record holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: GB/T 3304: a record holds the two digits.
ETHNICITIES = {
    "01": "汉族", "02": "蒙古族", "03": "回族", "04": "藏族", "05": "维吾尔族", "06": "苗族",
    "07": "彝族", "08": "壮族", "09": "布依族", "10": "朝鲜族", "11": "满族", "12": "侗族",
    "13": "瑶族", "14": "白族", "15": "土家族", "16": "哈尼族", "17": "哈萨克族", "18": "傣族",
    "19": "黎族", "20": "傈僳族", "21": "佤族", "22": "畲族", "23": "高山族", "24": "拉祜族",
    "25": "水族", "26": "东乡族", "27": "纳西族", "28": "景颇族", "29": "柯尔克孜族",
    "30": "土族", "31": "达斡尔族", "32": "仫佬族", "33": "羌族", "34": "布朗族",
    "35": "撒拉族", "36": "毛南族", "37": "仡佬族", "38": "锡伯族", "39": "阿昌族",
    "40": "普米族", "41": "塔吉克族", "42": "怒族", "43": "乌孜别克族", "44": "俄罗斯族",
    "45": "鄂温克族", "46": "德昂族", "47": "保安族", "48": "裕固族", "49": "京族",
    "50": "塔塔尔族", "51": "独龙族", "52": "鄂伦春族", "53": "赫哲族", "54": "门巴族",
    "55": "珞巴族", "56": "基诺族", "97": "其他", "98": "外国血统中国籍人士",
}  # fmt: skip
#: What rosters call the levels of GB/T 4658; a record holds the words.
EDUCATIONS = (
    "文盲或半文盲", "小学", "初中", "高中", "中专", "职高", "技校", "大专", "本科", "研究生",
    "其他",
)  # fmt: skip


class PoliticalStatus(models.TextChoices):
    """GB/T 4762."""

    PARTY = "01", _("Member of the Communist Party")
    PROBATIONARY = "02", _("Probationary member of the Communist Party")
    LEAGUE = "03", _("Member of the Youth League")
    RCCK = "04", _("Member of the Revolutionary Committee of the Kuomintang")
    CDL = "05", _("Member of the Democratic League")
    CNDCA = "06", _("Member of the National Construction Association")
    CAPD = "07", _("Member of the Association for Promoting Democracy")
    CPWDP = "08", _("Member of the Peasants' and Workers' Democratic Party")
    ZHIGONG = "09", _("Member of the Zhigong Party")
    JIUSAN = "10", _("Member of the Jiusan Society")
    TDSL = "11", _("Member of the Taiwan Democratic Self-Government League")
    NON_PARTY = "12", _("Person without party affiliation")
    MASSES = "13", _("Ordinary citizen")


class Disability(models.TextChoices):
    """Kinds of GB/T 2261; "" = nobody asked."""

    NONE = "NO", _("No disability")
    SIGHT = "61", _("Sight")
    HEARING = "62", _("Hearing")
    SPEECH = "63", _("Speech")
    LIMBS = "64", _("Limbs")
    INTELLECT = "65", _("Intellect")
    MIND = "66", _("Mind")
    SEVERAL = "67", _("Several disabilities")
    OTHER = "69", _("Other disability")


class DisabilityGrade(models.IntegerChoices):
    """GB/T 26341: the first is the heaviest."""

    FIRST = 1, _("First grade")
    SECOND = 2, _("Second grade")
    THIRD = 3, _("Third grade")
    FOURTH = 4, _("Fourth grade")
