"""Lists made for another purpose: payments, households, hours, a printout."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from datetime import datetime

from tests.learners.layouts.writing import ABOVE, LEFT, Formula, Roster, number, wide

day = datetime.fromisoformat


def payment_list():
    """康定市: who was paid for which days; card numbers as long as ID numbers beside them."""
    r = Roster("24_kangding_payments.xlsx", "payment list, two languages, card numbers", "513301",
        "2022-11-30")
    s = r.page("发放表（11月）",
        "serial card bank name kind id phone days rate food road sum place ethnic sign", left=2)
    xin, tagong, jiagen = "513301102", "513301103", "513301106"
    s.skip("title", "康定市电子商务进农村培训学员生活、交通补贴发放表", *[LEFT] * 14)
    s.skip("info line", "发放单位：康定市商务局（盖章）", *[LEFT] * 7, "单位：元", *[LEFT] * 6)
    s.skip("header", "序号\nNo.", "收款信息", LEFT, "姓名\nName", "户别\nHousehold",
        "身份证号\nID No.", "联系电话\nTel", "补贴天数", "补贴标准（元/天）", LEFT, LEFT,
        "合计金额", "住址\nAddress", "民族\nEthnic group", "领取人签字")
    s.skip("header", ABOVE, "社保卡号", "开户银行", *[ABOVE] * 5, "标准", "生活费", "交通费",
        *[ABOVE] * 4)
    zang = {"ethnic": "藏族", "truth_ethnic": "藏族", "bank": "甘孜农商行"}

    def paid(days, n):
        return {"days": days, "rate": 60, "food": days * 40, "road": days * 20,
            "sum": Formula(f"=M{n}+L{n}"), "card": f"6217975133010{n:06d}"}

    s.person("扎西·彭措", "51332119750505311", "15442624001", tagong + "218", "脱贫户", **zang,
        **paid(3, 5), place="塔公镇塔公村", name="扎西•彭措")
    s.person("泽仁·央宗", "51332119800606322", "15442624002", tagong + "201", "脱贫户", **zang,
        **paid(3, 6), place="康定市塔公镇夏马龙村2组", name="泽仁．央宗", phone=15442624002)
    s.person("四郎·多吉", "51332119810606333", "15442624003", tagong + "212", "低保贫困户", **zang,
        **paid(2, 7), place="塔公 八郎村", kind="低保户", name="四郎‧多吉", phone="154 4262 4003")
    s.person("格绒曲珍", "51332119820606344", "15442624004", xin + "221", "边缘易致贫户", **zang,
        **paid(3, 8), place="新都桥镇瓦板村", kind="边缘户", phone="+86 15442624004",
        id=wide(number("51332119820606344")))
    s.person("格绒达吉", "51332119820606355", "15442624005", xin + "221", "脱贫户", **zang,
        **paid(3, 9), place="同上", error="ID_FORMAT",
        id="5133211982O606355" + number("51332119820606355")[17:])
    s.person("呷绒翁姆", "51332119830606366", "15442624006", xin + "224", "一般农户",
        "PHONE_MULTIPLE", **zang,
        **paid(1, 10), place="新都桥镇白玉村", kind="普通农户", phone="15442624006/0836-2812345")
    s.skip("total", "本页小计", LEFT, LEFT, LEFT, None, None, None, 15, None, 600, 300, 900)
    s.skip("header", "序号\nNo.", "收款信息", LEFT, "姓名\nName", "户别\nHousehold",
        "身份证号\nID No.", "联系电话\nTel", "补贴天数", "补贴标准（元/天）", LEFT, LEFT,
        "合计金额", "住址\nAddress", "民族\nEthnic group", "领取人签字")
    s.skip("header", ABOVE, "社保卡号", "开户银行", *[ABOVE] * 5, "标准", "生活费", "交通费",
        *[ABOVE] * 4)
    s.person("李康军", "51332119790909377", "15442624007", jiagen + "200", "一般农户",
        **paid(3, 15), bank="农行", ethnic="汉", truth_ethnic="汉族", place="甲根坝镇木雅村",
        kind="非贫困户")
    s.person("洛绒泽仁", "51332119790909379", "15442624008", jiagen, "脱贫户", "VILLAGE_UNKNOWN",
        **zang, **paid(3, 16), place="甲根坝镇没有的村")
    s.person("洛绒·邓珠", "51332119790909382", "", jiagen + "204", "脱贫户", "PHONE_MISSING",
        **zang,
        **paid(3, 17), place="甘孜州康定市甲根坝镇立泽村", phone=None, name="洛绒・邓珠")
    s.person("洛绒降措", "51332119790909384", "15442624010", jiagen + "204", "脱贫户", **zang,
        **paid(3, 18), place="甲根坝镇立泽村", error="ID_PRECISION_LOST",
        id=5.133211979090938e17)
    s.skip("total", "合计", LEFT, LEFT, LEFT, None, None, None, 27, None, 1080, 540, 1620)
    s.skip("total", "总计（大写）：", LEFT, LEFT, LEFT, "壹仟陆佰贰拾元整", *[LEFT] * 10)
    s.skip("footer", "单位负责人：", *[LEFT] * 3, "财务审核：", *[LEFT] * 4, "制表人：",
        *[LEFT] * 5)
    r.saved_by_openpyxl()


def household_ledger():
    """沈丘县: a ledger of households, a member a row; the head's name and number stand before."""
    r = Roster("25_shenqiu_households.xlsx", "households merged over members", "411624",
        "2021-12-31")
    s = r.page("户台账",
        "no head head_id size kind township village name relation id sex birth age phone work")
    shi, fan = "411624201", "411624202"
    s.skip("title", "沈丘县农户家庭成员及培训需求台账", *[LEFT] * 14)
    s.skip("info line", "统计时点：2021年12月31日", *[LEFT] * 14)
    s.skip("header", "户信息", LEFT, LEFT, LEFT, LEFT, "户籍地", LEFT, "家庭成员信息", LEFT, LEFT,
        LEFT, LEFT, LEFT, LEFT, "务工情况")
    s.skip("header", "户编号", "户主姓名", "户主身份证号", "家庭人口", "户类型", "乡（镇、街道）",
        "村",
        "成员姓名", "与户主关系", "成员身份证号", "性别", "出生年月", "年龄", "本人电话", ABOVE)
    merged = dict.fromkeys(["no", "head", "head_id", "size", "kind", "township", "village"], ABOVE)
    man = "41272819700101315"
    first = s.person("石广田", man, "15449425001", shi + "200", "脱贫户", no="SQ-001",
        head="石广田",
        head_id=number(man), size=3, relation="户主", birth="1970.01", age=51, village="石槽集村委")
    s.person("李桂芝", "41272819720202326", "15449425002", shi + "200", "脱贫户",
        **merged, relation="配偶", birth="1972年2月", age=49)
    s.person("石磊磊", "41162419980303337", "15449425003", shi + "200", "脱贫户", **merged,
        relation="之子", birth=day("1998-03-03"), age=23, work="外出务工")
    woman = "41272819650505344"
    s.person("于兰英", woman, "15449425004", shi + "204", "低保贫困户", no="SQ-002", head="于兰英",
        head_id=number(woman), size=2, kind="低保户", relation="本人", birth="1965/05", age=56,
        village="于营", township="石槽集")
    s.person("于小米", "41162420070909355", "15449425004", shi + "204", "低保贫困户",
        "AGE_OUT_OF_RANGE", **merged, relation="孙子", birth="2007.9", age=14)
    s.person("于大米", "41162420020909357", "15449425005", shi + "204", "低保贫困户",
        "BIRTH_MISMATCH", **merged, relation="孙子", birth="2002.8", age=19)
    s.skip("blank")
    old = "41272819580808368"
    s.person("范大嫂", old, "", fan + "234", "突发严重困难户", "PHONE_INVALID", no="SQ-003",
        head="范大嫂", head_id=number(old), size=2, kind="突发困难户", relation="户主",
            birth="195808",
        age=63, phone="1544942500", township="范营乡", village="范庄村")
    s.person("范二妮", "41162419850808382", "15449425007", fan + "234", "突发严重困难户",
        "SEX_MISMATCH",
        **merged, relation="之女", birth="1985.8", age=36, sex="男")
    s.person("石广田", man, "15449425001", fan + "209", "脱贫户", error="DUP_IN_FILE", dup=first,
        no="SQ-004", head="纪大山", head_id=number("41272819550505391"), size=1, relation="其他",
        birth="1970.1", age=51, village="纪营")
    last = number("41272819800505393")[17]
    s.person("纪小山", "41272819800505393", "15449425009", fan + "209", "脱贫户", no="SQ-004",
        head="同上", head_id="同上", size=2, township="同上", village="〃", relation="之子",
        birth="1980.5", age=41, phone="15449425009 15449425109", error="ID_CHECKSUM",
        id="41272819800505393" + ("2" if last == "1" else "1"))
    s.person("纪小河", "41272819810505395", "15449425010", fan + "209", "脱贫户", "HIDDEN_ROW",
        no="SQ-004", head="纪大山", head_id=None, size=2, relation="之子", birth="1981.5", age=40,
        hidden=True, township="范营", village="纪营村")
    s.skip("total", "合计", LEFT, LEFT, "11人")
    s.skip("footer", "驻村第一书记（签字）：", *[LEFT] * 6, "村党支部书记（签字）：", *[LEFT] * 7)
    r.saved_by_openpyxl()


def time_sheet():
    """卓资县: half days under real dates, a sheet a township, old numbers as numbers."""
    r = Roster("26_zhuozi_real_dates.xlsx", "sign-in sheet under real dates", "150921",
        "2022-07-31")
    columns = "serial unit name id phone a b c d e f hours rate"
    town, yushu = "150921108", "150921210"

    def start(name, district):
        s = r.page(name, columns, always=["HOUSEHOLD_TYPE_UNKNOWN"])
        s.skip("title", "卓资县2022年直播带货培训班（" + district + "）签到表", *[LEFT] * 12)
        s.skip("info line", "授课时间：2022年7月11日至13日", *[LEFT] * 6, "授课教师：王老师",
            *[LEFT] * 5)
        s.skip("header", "序号", "行政村", "姓名", "身份证号", "手机号", day("2022-07-11"), LEFT,
            day("2022-07-12"), LEFT, day("2022-07-13"), LEFT, "学时", "出勤率")
        s.skip("header", *[ABOVE] * 5, "上午", "下午", "上午", "下午", "上午", "下午", ABOVE, ABOVE)
        return s

    def came(marks, attended, **more):
        cells = dict(zip("abcdef", marks, strict=True))
        cells |= {"hours": attended * 4, "rate": Formula("=COUNTA(F1:K1)/6")}
        return {**cells, "attended": (round(attended / 6, 4), attended / 6 >= 0.8), **more}

    s = start("十八台镇", "十八台镇")
    s.person("王月梅", "15262419700707322", "15447626001", town + "200", "", **came("√√√√√√", 6),
        unit="十八台村")
    s.person("王月英", "15262419720707324", "15447626002", town + "200", "", **came("√√√√√×", 5),
        unit="同上")
    s.person("乌兰", "15262419740707346", "15447626003", town + "202", "", "ID_UPGRADED_15",
        **came(["到", "到", "迟到", "请假", "到", "旷"], 4), unit="巴音沟嘎查", id=152624740707346)
    s.person("乌兰巴特", "15262419760707355", "", town + "202", "", "PHONE_MISSING",
        **came([1, 1, 1, 1, 1, 0], 5), unit="巴音沟", phone="\u3000")
    s.person("赵四旺", "15262419780707377", "15447626005", town, "", "VILLAGE_UNKNOWN",
        **came(["☑", "☑", None, None, "☑", "☑"], 4), unit="县城")
    s.person("赵五旺", "15262419780707379", "15447626006", town + "209", "",
        unit="哈凤景村民委员会",
        **came("１１１１１１", 6), id="'" + number("15262419780707379"))
    s.person("赵六旺", "15262419780731391", "15447626007", town + "209", "", unit="哈凤景",
        **came("到到到到到到", 6), error="ID_DATE", id=number("15262419780631391"))
    s.skip("total", "实到人数", LEFT, LEFT, None, None, 7, 7, 5, 4, 6, 4)
    s.skip("footer", "班主任签字：", *[LEFT] * 12)
    t = start("大榆树", "大榆树乡")
    t.person("高二小", "15262419660202311", "15447626011", yushu + "200", "", unit="麻地卜",
        **came("√√√√√√", 6))
    t.person("高三小", "15262419660202313", "15447626012", yushu + "211", "", unit="后甘沟村",
        **came(["✓", "✓", "✓", "假", "假", "✓"], 4),
        id=" " + number("15262419660202313") + "\u200b")
    t.person("高三小", "15262419660202335", "15447626013", yushu + "211", "", unit="后甘沟村3组",
        **came([None] * 6, 0))
    t.person("高三小", "15262419660202313", "15447626012", yushu + "211", "", unit="后甘沟村",
        **came("√√√√√√", 6), error="DUP_IN_FILE", dup={"sheet": "大榆树", "row": 6})
    t.skip("footer", "班主任签字：", *[LEFT] * 12)
    note = r.page("说明", "a", hidden=True)
    note.ignored("√到 ×缺 迟迟到 假请假")
    r.saved_by_openpyxl()


def macintosh_printout():
    """郸城县: lines ended by CR alone, every cell quoted, pages under one another."""
    r = Roster("27_dancheng_printout.csv", "GBK, CR only, all quoted", "411625", "2020-06-01")
    s = r.page(None, "serial name sex id phone kind village township note")
    ning, yi = "411625104", "411625105"
    head = ("序号", "姓　　名", "性　别", "居民身份证号码", "联系电话（手机）", "贫困户属性",
        "村名", "乡镇名称",
        "备　注")

    s.skip("title", "郸城县电商扶贫培训人员花名册", *[""] * 8)
    s.skip("header", *head)
    s.person("宁平安", "41272619700303311", "15450627001", ning + "201", "脱贫户", village="宁平",
        id='="' + number("41272619700303311") + '"', kind="脱贫人口")
    s.person("常和平", "41272619710303322", "15450627002", ning + "202", "低保贫困户",
        village="常和集村",
        kind="低保贫困", phone="86-15450627002", sex="女 ")
    s.person("梁满囤", "41272619720303333", "15450627003", ning + "203", "特困供养贫困户",
        village="梁庄",
        township="宁平", kind="特困户", note="分散供养，\r有意愿")
    s.person("许楼兰", "41272619730303344", "15450627004", ning + "205", "一般贫困户",
        village="许楼\r村委会",
        township="〃", kind="一般贫困户", note='外号"兰姐"')
    s.person("", "41272619740303355", "15450627005", ning + "205", "脱贫户", error="NAME_MISSING",
        name="　")
    s.person("白水清", "41272619740303357", "15450627006", ning + "208", "脱贫户",
        error="ID_MISSING", id="")
    s.skip("total", "", "小　计", "", "6", "", "", "", "", "")
    s.skip("header", *head)
    s.person("三里屯", "41272619750303359", "15450627007", yi + "205", "脱贫不稳定户",
        village="三里",
        township="宜路", kind="脱贫不稳定", id=number("41272619750303359")[:6] + " "
        + number("41272619750303359")[6:14] + " " + number("41272619750303359")[14:])
    s.person("牛庄生", "41272619760303371", "15450627008", yi + "206", "脱贫户", village="牛庄",
        township="宜路乡")
    s.person("段庄生", "41272619770303373", "15450627009", yi + "207", "脱贫户", village="段庄村",
        township="宜璐镇", error="TOWNSHIP_UNKNOWN")
    s.person("界牌生", "41272619780303375", "15450627010", yi + "208", "", "HOUSEHOLD_TYPE_UNKNOWN",
        village="界牌", kind="建档立卡边缘")
    s.skip("total", "", "合　计", "", "10", "", "", "", "", "")
    s.skip("footer", "填表人：　　　　　　复核人：", *[""] * 8)
    r.text(",", "gbk", newline="\r", quoted=True)


ROSTERS = [payment_list, household_ledger, time_sheet, macintosh_printout]
