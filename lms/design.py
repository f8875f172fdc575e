"""Invented figures for the page that shows every part of the design."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _

from lms.lib.idnumbers import mask_id
from lms.templatetags.ui import drawings


class SampleForm(forms.Form):
    id_number = forms.CharField(label="身份证号", help_text="18 位，最后一位可以是 X")
    run = forms.ChoiceField(label="期次", choices=[("41", "第 41 期 直播带货")])
    visit = forms.ChoiceField(
        label="回访方式", choices=[("1", "上门"), ("2", "电话")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="已当面核对", required=False)
    remark = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 2}))


#: What a colour is for, beside its contrast on white.
COLOURS = [
    ("ink", "#17222B", "16.2"), ("ink-2", "#44515B", "8.2"), ("ink-3", "#5A6771", "5.8"),
    ("brand", "#14527F", "8.3"), ("brand-deep", "#0E3B5C", "11.7"), ("good", "#17613F", "7.5"),
    ("warn", "#774A00", "7.6"), ("bad", "#A0271A", "7.5"), ("seal", "#B3261E", "6.5"),
    ("bar", "#1F6AA0", "5.8"), ("field", "#75828A", "4.0"), ("focus", "#FFC83D", "—"),
]  # fmt: skip
#: (place, target, done, month, rate, points, missing, kind, icon, word)
LEAGUE = [
    (1, "—", "岳普湖镇", 420, 436, 24, 103.8, 12.8, "超 16", "good", "star", "已完成"),
    (2, "▲1", "铁热木镇", 400, 371, 40, 92.8, 1.8, "29", "good", "check", "按进度"),
    (3, "▼1", "也克先拜巴扎镇", 310, 268, 18, 86.5, -4.5, "42", "warn", "clock", "略慢"),
    (4, "—", "巴依阿瓦提乡", 290, 142, 6, 49.0, -42.0, "148", "bad", "down", "滞后"),
]
MONTHS = [
    (2020, 3, 0), (2020, 7, 90), (2020, 11, 210), (2021, 2, 260), (2021, 5, 420), (2021, 9, 640),
    (2022, 1, 820), (2022, 4, 1310), (2022, 7, 1830), (2022, 9, 2286),
]  # fmt: skip


def sample() -> dict[str, Any]:
    wrong = SampleForm({"id_number": "411521199003125284", "run": "41", "visit": "1"})
    wrong.add_error("id_number", "最后一位与前 17 位对不上，请核对。")
    return {
        "colours": COLOURS,
        "icons": sorted(drawings()),
        "league": LEAGUE,
        "form": wrong,
        "steps": [("上传文件", "?step=1"), ("对应列", "?step=2"), "逐行检查", "确认导入", "完成"],
        "terms": [
            {"value": 2402, "label": "报名记录", "href": "?"},
            {"value": 38, "label": "班次取消", "sign": "-"},
            {"value": 61, "label": "一节课也没到", "sign": "-"},
            {"value": 17, "label": "课次未关闭", "sign": "-"},
        ],
        "total": {"value": 2286, "label": "计入人次"},
        "actual": [(date(year, month, 28), float(n)) for year, month, n in MONTHS],
        "plan": [(date(2020, 3, 16), 0.0), (date(2022, 12, 31), 3000.0)],
        "forecast": (date(2022, 12, 31), 2604.0),
        "sales": [1900, 3200, 4900, 6400, 7200, 6700, 4800, 5300, 5500],
        "sale_labels": ["1月", "", "", "", "", "6月", "", "", "9月"],
        "sale_kinds": [1, 1, 1, 1, 1, 1, 2, 2, 2],
        "links": [("?", "名录里有 212 人从未收到过开班通知"), ("?", "9 月没有开班的乡镇 2 个")],
        "masked": mask_id("653128199408120024"),
        "as_of": datetime(2022, 9, 30, 24 - 1, 59, tzinfo=ZoneInfo("Asia/Shanghai")),
        "tile_done": ("good", "check", "按进度"),
        "tile_slow": ("warn", "clock", "差 3.2 点"),
        "tile_none": ("mute", "minus", _("no denominator")),
    }
