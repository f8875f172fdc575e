"""Files as wrecked as they come: notes between people, crossed columns, ticks, dates as text."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from datetime import date, datetime

from tests.learners.layouts.writing import ABOVE, LEFT, Roster, number, wide

ZHOUDANG, LINGSHAN = "411521101", "411521103"


def ending_in_x(first, numbers):
    """The first 17 digits of a number that ends in X."""
    return next(first + f"{n:03d}" for n in numbers if number(first + f"{n:03d}")[-1] == "X")


def notes_between():
    """罗山县: from column B on, titles and notes round a header of two rows, sentences below."""
    r = Roster("17_luoshan_notes_between.xlsx", "notes between rows", "411521", "2021-03-01")
    s = r.page("Sheet1", "phone kind serial village township id name sex shop note", left=1)
    head = ["联系方式", "户属性（按系统）", "序号", "家庭住址", LEFT, "证件信息", LEFT, LEFT,
        "网店", "备注"]
    under = [ABOVE, ABOVE, ABOVE, "村（居）", "乡镇（办）", "身份证号码（18位）",
        "姓名（与证件一致）", "性别", "有/无", ABOVE]
    s.skip("title", "附件2")
    s.skip("title", "罗山县2021年电子商务进农村综合示范项目培训学员花名册", *[LEFT] * 9)
    s.skip("info line", "填报单位：罗山县商务局（公章）", *[LEFT] * 4, "填报时间：2021.3.1",
        *[LEFT] * 4)
    s.skip("info line", "说明：1.本表由村级填报；2.身份证号为文本格式；3.户属性按系统填写，"
        "不得为空。", *[LEFT] * 9)
    s.skip("blank")
    s.skip("header", *head)
    s.skip("header", *under)
    s.skip("header", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    first = s.person("高凤云", "41152119680214226", "15437217001", ZHOUDANG + "205", "脱贫户",
        village="桂店", shop=None)
    s.person("丁保成", "41152119730909137", "15437217002", ZHOUDANG + "209", "边缘易致贫户",
        village="朱楼村（居）委会", township="周党 镇", kind="边缘户", shop="无",
        id=wide(number("41152119730909137")))
    s.person("丁保国", "41152119730909139", "15437217003", ZHOUDANG + "209", "脱贫不稳定户",
        "HIDDEN_ROW", village="〃", township="〃", kind="脱贫监测户", hidden=True, shop="有")
    s.skip("info line", "以下为2021年2月补报人员", *[LEFT] * 9)
    s.person("韦青", "41152119910412148", "15437217004", LINGSHAN + "200", "",
        "HOUSEHOLD_TYPE_UNKNOWN", kind="已脱贫（2018年）", village="涩港", township="灵山")
    s.person("韦红", "41152119910412152", "15437217005", LINGSHAN + "201", "脱贫户",
        "SEX_MISMATCH", "PHONE_MULTIPLE", phone="15437217005/15437217105", village="大马村6组",
        township="灵山乡", sex="男")
    s.person("严明", "41152119910412154", "15437217006", LINGSHAN + "201", "脱贫户",
        error="ID_LENGTH", id="暂无", village="同上", township="同上")
    s.skip("total", None, None, "本页小计", None, None, "6人")
    s.skip("header", *head)
    s.skip("header", *under)
    ends_in_x = ending_in_x("41152119850606", range(201, 300, 2))
    s.person("卫国平", ends_in_x, "15437217007", "411521106203", "一般农户",
        id=number(ends_in_x)[:6] + " " + number(ends_in_x)[6:14] + "-" + number(ends_in_x)[14:17]
        + "x", village="岳山", township="青山", kind="普通农户")
    s.person("卫国安", "41152119850606155", "15437217008", "411521106203", "一般农户",
        error="ID_FORMAT", id="4115211985O606155" + number("41152119850606155")[17:],
        township="青山镇")
    s.person("卫小安", "41152120220101159", "15437217009", "411521106203", "一般农户",
        error="ID_DATE", township="青山镇")
    s.person("高凤云", "41152119680214226", "15437217001", ZHOUDANG + "205", "脱贫户",
        error="DUP_IN_FILE", dup=first, note="重复登记？")
    s.person("高凤英", "41152119680214226", "15437217001", ZHOUDANG + "205", "脱贫户",
        error="DUP_CONFLICT", dup=first)
    s.fill([LINGSHAN + n for n in ("202", "203")], "脱贫户", shop="√")
    s.skip("total", "总计", None, None, None, None, "14人")
    s.skip("info line", "以上人员经村两委会议审核，情况属实，特此证明。")
    s.skip("footer", None, None, None, None, None, "分管领导签字", None, None, "经办人：")
    r.workbook()


def tabs_called_csv():
    """敖汉旗: GBK with tabs though it is called .csv; numbers behind a tab, as programs write."""
    r = Roster("18_aohan_tabs.csv", "GBK, tabs, quoted newlines", "150430", "2020-09-30")
    s = r.page(None, "kind serial id name ethnic township village phone group note")
    mongol = {"truth_ethnic": "蒙古族", "ethnic": "蒙古"}
    s.skip("header", "农户\n类型", "序\n号", "证件\n号码", "人员\n姓名", "民  族", "所在乡镇苏木",
        "嘎查村", "本人\n手机", "组", "备  注")
    s.person("乌云其木格", "15043019720303226", "15447618001", "150430100203", "脱贫户",
        township="新惠", village="扎赛营子", id="\t" + number("15043019720303226"), **mongol)
    s.person("包金山", "15043019800808137", "15447618002", "150430101200", "脱贫户",
        township="四家子", village="解放村", kind="已脱贫", note="一般户\n转入", **mongol)
    s.person("白音那", "15043019690707139", "15447618003", "150430101224", "边缘易致贫户",
        township="四家子乡", village="南双庙", kind="边缘易致贫",
        id="'" + number("15043019690707139"), **mongol)
    s.person("孟和", "15043019700606141", "15447618004", "150430207", "脱贫户",
        "VILLAGE_UNKNOWN", township="敖润苏莫", village="没有的嘎查", **mongol)
    s.person("李春艳", "15043019840101242", "15447618005", "150430405", "一般农户",
        "VILLAGE_UNKNOWN", township="惠州街道", kind="普通农户", ethnic="汉")
    s.person("李春梅", "15043019840101244", "15447618006", "150430404", "一般农户",
        "VILLAGE_UNKNOWN", township="新州街道", kind="普通农户", ethnic="汉")
    s.person("赵喜", "15043019770505155", "15447618007", "150430102207", "脱贫户",
        "ID_UPGRADED_15", township="长胜", village="长胜", id="150430770505155", ethnic="汉")
    s.person("赵贵", "15043019770505157", "15447618008", "150430102207", "脱贫户",
        error="ID_PRECISION_LOST", id="1.50430E+17", township="长胜镇", ethnic="汉")
    s.person("赵富", "15043019770505159", "15447618009", "150430102207", "脱贫户",
        error="ID_PRECISION_LOST", id="150430197705051000"
        if number("15043019770505100")[-1] != "0" else "150430197705052000", ethnic="汉")
    s.person("赵有", "15043019770505163", "", "150430102206", "特困供养贫困户", "PHONE_INVALID",
        phone="0476-4320000", township="长胜镇", village="坤头岭村委会", kind="五保户", ethnic="汉")
    s.person("赵余", "15043019770505165", "15447618011", "150430102206", "低保贫困户",
        phone="0086 154-4761-8011", township="长胜镇", village="坤头岭村3组", kind="低保户",
        ethnic="汉")
    s.person("赵足", "15043019770505167", "15447618012", "150430102205", "脱贫户",
        error="TOWNSHIP_UNKNOWN", township="长安镇", ethnic="汉")
    s.person("赵盈", "15043019770505169", "15447618013", "150430102205", "脱贫户",
        error="ID_MASKED", id="1504301977****5169", ethnic="汉")
    s.skip("blank", *[""] * 10)
    s.fill(["150430104200", "150430104201", "150430104202"], "脱贫户", ethnic="汉")
    s.skip("total", "合计", "16人", "", "", "", "", "", "", "")
    r.text("\t", "gbk")


def names_under_numbers():
    """南召县: on one sheet the two headings are crossed, on the other a single person's cells."""
    r = Roster("19_nanzhao_crossed_headings.xlsx", "headings of name and number crossed",
        "411321", "2021-06-01")
    yunyang, cui = "411321102", "411321310"
    s = r.page("云阳镇", "serial id name village phone kind")
    s.skip("title", "云阳镇参训人员名单", *[LEFT] * 5)
    s.skip("header", "序号", "姓名", "身份证号", "村", "联系电话", "户类型")
    for name, body, phone, village in (
        ("翟风", "41132119700203311", "15443219001", "200"),
        ("翟雨", "41132119700203322", "15443219002", "201"),
        ("翟雪", "41132119820203344", "15443219004", "203"),
        ("阿依努尔·买买提", "65312819900203346", "15443219005", "204"),
    ):
        s.person(name, body, phone, yunyang + village, "脱贫户")
    s.person("翟霜", "41132119700203333", "15443219003", yunyang + "202", "脱贫户",
        error="ID_PRECISION_LOST", id=4.11321197002033e17)
    s.person("翟冰", "41132119700203335", "15443219006", yunyang + "202", "脱贫户",
        error="ID_CHECKSUM", id="41132119700203335" + str((int(number("41132119700203335")[17]
            .replace("X", "0")) + 1) % 10))
    s.fill([yunyang + n for n in ("205", "206", "207")], "脱贫户")
    t = r.page("崔庄乡", "serial name id village phone kind")
    t.skip("header", "序号", "姓名", "身份证号", "村", "联系电话", "户类型")
    t.person("郑东", "41132119700203351", "15443219011", cui + "201", "脱贫户")
    t.person("郑南", "41132119700203353", "15443219012", cui + "202", "脱贫户",
        error="ID_LENGTH", name=number("41132119700203353"), id="郑南")
    t.person("郑西", "41132119700203355", "15443219013", cui + "204", "脱贫户", "FIELDS_SWAPPED",
        id="15443219013", phone=number("41132119700203355"))
    t.fill([cui + n for n in ("205", "206", "207")], "脱贫户")
    r.workbook()


def ticks():
    """罗山县: a sign-in sheet by days and halves, its sums under the people and beside them."""
    r = Roster("20_luoshan_ticks.xlsx", "sign-in sheet with sums", "411521", "2021-03-04")
    s = r.page("灵山镇3.2-3.3培训", "serial name id village phone a b c d rate sign",
        always=["HOUSEHOLD_TYPE_UNKNOWN"])
    s.skip("title", "罗山县农村电商培训班（第5期）签到表", *[LEFT] * 10)
    s.skip("info line", "时间：2021年3月2日—3日", *[LEFT] * 4, "地点：灵山镇文化站", *[LEFT] * 5)
    s.skip("header", "序号", "姓名", "身份证号", "所在村", "联系电话", "3月2日", LEFT, "3月3日",
        LEFT, "到课率", "本人签字")
    s.skip("header", *[ABOVE] * 5, "上午", "下午", "上午", "下午", ABOVE, ABOVE)

    def came(marks, attended, **more):
        cells = dict(zip("abcd", marks, strict=True))
        return {**cells, "attended": (attended / 4, attended / 4 >= 0.8), **more}

    s.person("沈玉英", "41152119750101226", "15437220001", LINGSHAN + "200", "", **came("√√√√", 4,
        rate=1, sign="沈玉英"))
    s.person("沈玉兰", "41152119750101228", "15437220002", LINGSHAN + "200", "", **came("√迟√√", 4,
        rate="100%"), village="同上")
    s.person("沈玉国", "41152119750101239", "15437220003", LINGSHAN + "205", "", **came(["到", "到",
        "假", None], 2, rate=0.5), village="长山")
    s.person("沈玉民", "41152119750101251", "15437220004", LINGSHAN + "205", "", **came([1, 0, 1,
        1], 3, rate=0.75), village="长山村委")
    s.person("沈玉华", "41152119750101253", "15437220005", LINGSHAN + "003", "", **came("☑☑×旷", 2,
        rate="50%"), village="灵山社区", name="沈 玉\u3000华")
    s.person("沈玉", "41152119750101255", "", LINGSHAN + "003", "", "PHONE_MISSING", **came(
        [None] * 4, 0), village="灵山社区")
    s.skip("total", None, "应到人数", None, None, None, 6, 6, 6, 6)
    s.skip("total", None, "实到人数", None, None, None, 5, 4, 4, 4)
    s.skip("total", None, "出勤率", None, None, None, "83%", "67%", "67%", "67%")
    s.skip("footer", "班主任（签字）：", *[LEFT] * 4, "授课教师（签字）：", *[LEFT] * 5)
    r.workbook()


def days_as_text():
    """卓资县: every date in another way; the township by the name of the sheet."""
    r = Roster("21_zhuozi_days.xlsx", "dates as text of many kinds", "150921", "2022-06-30")
    s = r.page("1.十八台（8人）", "serial name birth id village phone begins ends kind")
    place = "150921108"
    s.skip("title", "学员信息采集表", *[LEFT] * 8)
    s.skip("header", "序号", "姓名", "出生年月日", "身份证号", "行政村", "电话", "培训时间", LEFT,
        "贫困属性")
    s.skip("header", *[ABOVE] * 6, "开始", "结束", ABOVE)
    serial = (date(1971, 3, 2) - date(1899, 12, 30)).days
    ways = (
        ("郝一梅", "1971.3.2", "2022.5.10", "2022.5.12"),
        ("郝二梅", "1971年3月", "2022年5月10日", "2022年5月12日"),
        ("郝三梅", "19710302", "20220510", "20220512"),
        ("郝四梅", "1971-03", 44691, 44693),
        ("郝五梅", serial, "2022/5/10 9:00", datetime(2022, 5, 12)),  # noqa: DTZ001
        ("郝六梅", "一九七一年三月二日", "二〇二二年五月十日", "二〇二二年五月十二日"),
    )
    for n, (name, born, begins, ends) in enumerate(ways):
        s.person(name, f"1509211971030222{n}", f"1544762100{n}", f"{place}20{n}", "脱贫户",
            birth=born, begins=begins, ends=ends,
            truth={"train_start": "2022-05-10", "train_end": "2022-05-12"})
    s.person("郝七梅", "15092119710302228", "15447621007", place + "207", "脱贫户",
        "BIRTH_MISMATCH", birth="1971/4/2", begins=None, ends=None,
        truth={"train_start": "", "train_end": ""})
    s.person("郝八梅", "15092119710302242", "15447621008", place + "208", "脱贫户",
        "ID_UPGRADED_15", id="150921710302242", birth="1971年3月2日", begins="2022-02-30",
        ends="待定", truth={"train_start": "", "train_end": ""})
    r.workbook()


def addresses_and_counters():
    """淅川县: an address in words; the offices of streets are called 办事处."""
    r = Roster("22_xichuan_addresses.csv", "GBK, addresses as people say them", "411326",
        "2021-06-01")
    s = r.page(None, "name id address phone kind")
    jing, lao, long = "411326101", "411326102", "411326001"
    s.skip("title", "淅川县2021年学员信息", "", "", "", "")
    s.skip("header", "参训人姓名", "参训人身份证号", "家庭住址（乡镇、村、组）", "联系方式",
        "脱贫户/监测户/一般户类别")
    for n, (place, address) in enumerate((
        (jing + "203", "河南省南阳市淅川县荆紫关镇汉王坪村2组"),
        (jing + "204", "淅川县荆紫关镇 狮子沟村 李家组"),
        (jing + "206", "荆紫关三岔村"),
        (lao + "212", "南阳淅川老城镇陈岭"),
        (lao + "207", "老城镇石家沟村石家沟组15号"),
        ("411326002001", "商圣街道狮子路社区锦绣小区3号楼2单元"),
        (long + "008", "龙城办事处老街社区"),
        (long + "004", "城区龙城街道办红旗社区"),
        ("411326104210", "河南淅川厚坡镇王沟村"),
        ("411326103213", "淅川縣香花鎮趙莊村"),
    )):
        # The county seat itself is no part of an address that rules know.
        error = {"error": "TOWNSHIP_UNKNOWN"} if address.startswith("城区") else {}
        s.person(f"段{'一二三四五六七八九十'[n]}", f"41132619790808{n + 11:03d}",
            f"1544862200{n}", place, "脱贫户", address=address, **error)
    s.person("段花", "41132619790808244", "15448622010", "411326103", "脱贫户",
        "VILLAGE_UNKNOWN", address="淅川县香花镇")
    s.person("段果", "41132619790808246", "15448622011", "411326103", "脱贫户",
        error="TOWNSHIP_UNKNOWN", address="县城")
    s.person("段叶", "41132619790808248", "15448622012", "411326103", "脱贫户",
        error="TOWNSHIP_UNKNOWN", address="郑州市金水区文化路街道")
    s.person("段枝", "41132619790808262", "15448622013", "411326103", "脱贫户",
        error="TOWNSHIP_UNKNOWN", address="")
    s.skip("footer", "注：住址写到组，电话写本人的；不清楚的可以空着。", "", "", "", "")
    r.text(",", "gbk")


def traditional_counties():
    """周口市: a sheet a county under its traditional name, statistics before them."""
    r = Roster("23_zhoukou_traditional.xlsx", "traditional, a sheet a county", "4116",
        "2021-06-01")
    totals = r.page("統計", "a b c")
    for cells in (["周口市參訓統計表", LEFT, LEFT], ["縣", "人數", "備註"], ["沈丘縣", 6, None],
            ["鄲城縣", 2, None], ["合計", 8, None]):
        totals.ignored(*cells)
    s = r.page("瀋丘縣", "serial name sex id township village phone kind")
    head = ("序號", "參訓人員姓名", "性別", "身份證號碼（文本）", "所屬鄉鎮（街道）", "村（社區）",
        "聯絡電話", "貧困戶屬性")
    s.skip("header", *head)
    dong, liu = "411624001", "411624102"
    s.person("謝廣田", "41272819760312331", "15449423001", dong + "001", "脱贫户",
        township="東城辦事處", village="豐產河社區", kind="脫貧戶")
    s.person("謝麗", "41272819820525342", "15449423002", dong + "206", "边缘易致贫户",
        township="東城街道辦", village="李安莊", kind="邊緣戶", phone="+86-154 4942 3002")
    s.person("葉國慶", "41272819690718353", "15449423003", liu + "217", "突发严重困难户",
        township="留福", village="于古洞村", kind="突發戶")
    s.person("葉國棟", "41272819690718355", "15449423004", liu + "211", "脱贫户",
        township="同上", village="韓大莊村民委員會", kind="已脫貧")
    s.person("葉蘭", "41272819690718366", "15449423005", liu, "低保贫困户", "VILLAGE_UNKNOWN",
        township="留福鄉", village="没有村", kind="低保戶")
    s.person("葉梅", "41272819690718368", "15449423006", liu, "低保贫困户",
        error="TOWNSHIP_UNKNOWN", township="白馬鎮", village="没有村", kind="低保戶")
    t = r.page("鄲城縣", "serial name sex id township village phone kind")
    t.skip("header", *head)
    t.person("張國華", "41272519760312331", "15449423011", "411625103", "脱贫户",
        "VILLAGE_UNKNOWN", township="白馬鎮", village=None, kind="脫貧戶")
    t.person("張國英", "41272519760312342", "15449423012", "411625206", "一般农户",
        "VILLAGE_UNKNOWN", township="秋渠鄉", village="", kind="一般農戶")
    r.workbook()


ROSTERS = [
    notes_between,
    tabs_called_csv,
    names_under_numbers,
    ticks,
    days_as_text,
    addresses_and_counters,
    traditional_counties,
]
