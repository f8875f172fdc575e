"""Workbooks of clerks and training schools: grouped headers, sign-in sheets, many counties."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from datetime import datetime

from tests.learners.layouts.writing import ABOVE, LEFT, Formula, Rich, Roster, number, wide


def two_row_header():
    """罗山县: grouped header, formulas, pages with sub-totals and signatures, merged places."""
    r = Roster("01_luoshan_two_row_header.xlsx", "header rows 3-4 in groups", "411521",
        "2019-11-01")
    s = r.page("培训花名册",
        "serial name sex ethnic id township village phone kind begins ends note",
        serial=lambda row: Formula("=ROW()-4"))
    zhoudang, lingshan, qingshan = "411521101", "411521103", "411521106"
    head = ["序号", "基本情况", LEFT, LEFT, LEFT, "家庭住址", LEFT, "联系方式", "贫困户属性"]
    under = [ABOVE, "姓名", "性别", "民族", "公民身份号码", "所在乡镇", "行政村", ABOVE, ABOVE]
    head, under = [*head, "培训时间", LEFT, "备注"], [*under, "起", "止", ABOVE]
    day = datetime.fromisoformat
    s.skip("title", "罗山县2019年农村电商培训贫困学员花名册", *[LEFT] * 11)
    s.skip("info line", "填报单位（盖章）：罗山县商务局          填报日期：2019年11月1日")
    s.skip("header", *head)
    s.skip("header", *under)
    a = s.person("方秀梅", "41152119751103222", "15437211001", zhoudang + "001", "建档立卡贫困户",
        village="东街", kind="建档立卡", begins=day("2019-10-28"), ends=day("2019-10-30"))
    s.person("江涛", "41152119880214331", "15437211002", zhoudang + "201", "脱贫户",
        name="江　涛", township=ABOVE, village="雷畈", kind="已脱贫")
    s.person("孙福来", "41152119530101451", "15437211003", zhoudang + "201", "特困供养贫困户",
        "AGE_OUT_OF_RANGE", township=ABOVE, village=ABOVE, kind="五保户")
    s.person("李桂枝", "41152119660730262", "", zhoudang + "205", "一般贫困户", "PHONE_MISSING",
        township=ABOVE, village="桂店村委会", kind="一般贫困", ethnic="汉")
    s.person("陈保国", "41152119720931113", "15437211005", zhoudang + "205", "脱贫户",
        error="ID_DATE", township=ABOVE, village="桂店村")
    s.skip("total", "小计", "5人")
    s.person("张玉华", "41152119910405244", "15437211006", zhoudang + "216", "低保贫困户",
        township="同上", village="桃园村", kind="低保户")
    s.person("闵长林", "41152119640822375", "15437211007", zhoudang + "216", "边缘易致贫户",
        "SEX_MISMATCH", township="周党乡", village="〃", kind="边缘户", sex="女")
    s.skip("footer", "填表人：王敏          审核人：          （盖章）", *[LEFT] * 11)
    s.skip("blank")
    s.skip("header", *head)
    s.skip("header", *under)
    s.person("祁红军", "41152119690117136", "15437211008", lingshan + "003", "突发严重困难户",
        township="灵山", village="灵山社区", kind="突发户")
    s.person("胡改芹", "41152119701212247", "15437211009", lingshan + "200", "脱贫户",
        township="〃", village="涩港村民委员会", kind="脱贫人口", ethnic="汉")
    s.person("方秀梅", "41152119751103222", "15437211001", zhoudang + "001", "建档立卡贫困户",
        error="DUP_IN_FILE", dup=a, township="周党镇", village="东街社区")
    s.person("程建英", "41152119840606288", "15437211011", qingshan, "脱贫户", "VILLAGE_UNKNOWN",
        township="青山镇", village="双桥")
    s.person("岳文斌", "41152119800101119", "15437211012", qingshan + "001", "一般农户",
        township='"', village="双桥社区", kind="普通农户")
    s.person("岳文武", "41152119800101139", "15437211013", qingshan + "203", "脱贫户",
        township="青山", village="岳山", error="ID_LENGTH", id="41152119800101139")
    right = number("41152119770707221")
    bad = right[:-1] + str((right[-1] == "1") + 1)
    s.person("夏小兰", "41152119770707221", "15437211014", qingshan + "204", "脱贫户",
        error="ID_CHECKSUM", id=bad, township="青山镇", village="孙楼村")
    s.person("冲大山", "41152119730303331", "15437211015", qingshan + "206", "脱贫户",
        township="同上", village="冲口村3组", phone="+86 154-3721-1015",
        id="411521 19730303 " + number("41152119730303331")[14:])
    s.fill([qingshan + n for n in ("207", "208", "209", "211", "213")], "脱贫户", ethnic="汉")
    s.skip("total", "小计", "13人")
    s.skip("total", "合计", "20人")
    s.skip("footer", "填表人：王敏          审核人：          （盖章）", *[LEFT] * 11)
    r.workbook()


def sign_in():
    """南召县: a sign-in sheet, five half days, the marks of the policy."""
    r = Roster("02_nanzhao_sign_in.xlsx", "sign-in sheet, half days", "411321", "2020-10-30")
    s = r.page("第3期", "serial name id township village phone a b c d e note",
        always=["HOUSEHOLD_TYPE_UNKNOWN"])
    yunyang, cuizhuang, sike = "411321102", "411321310", "411321305"
    s.skip("title", "南召县农村电子商务培训班签到表", *[LEFT] * 11)
    s.skip("info line",
        "培训期次：2020年第3期     培训地点：云阳镇文化站     培训时间：2020年10月26日至28日")
    s.skip("header", "序号", "学员姓名", "身份证号码", "乡镇", "村", "手机", "签到情况", LEFT,
        LEFT, LEFT, LEFT, "备注")
    s.skip("header", *[ABOVE] * 6, "26日上午", "26日下午", "27日上午", "27日下午", "28日上午",
        ABOVE)

    def came(marks, attended):
        return {**dict(zip("abcde", marks, strict=True)), "attended": (attended / 5,
            attended >= 4)}

    s.person("郭成林", "41132119710304111", "15438220001", yunyang + "200", "", **came("√√√√√",
        5), village="西花园")
    s.person("梅芳", "41132119850614122", "15438220002", yunyang + "200", "", **came(["✓", "✓",
        "迟", "✓", "缺"], 4), name="梅  芳", village="同上", township="同上")
    s.person("乔振国", "41132119660930133", "15438220003", yunyang + "201", "", **came(["到",
        "到", "假", "假", "到"], 3), township="〃", village="东花园村委会")
    s.person("王荣花", "41132119900101144", "15438220004", yunyang + "203", "", **came([1, 1, 1,
        1, 0], 4), township="云阳", village="李楼村")
    s.person("杨松林", "41132119780228155", "15438220005", yunyang + "001", "", **came(["签到",
        "迟到", "签到", "请假", "旷"], 3), village="南召店社区")
    s.person("刘兰英", "41132119830519166", "15438220006", yunyang + "218", "", **came(["☑", "☑",
        "☑", "☑", None], 4), village="鹿鸣山")
    s.person("周大勇", "41132119950812177", "15438220007", cuizhuang + "210", "", **came(["√",
        None, None, "×", "✗"], 1), township="崔庄", village="鱼池村")
    s.person("曹桂花", "41132119690707188", "15438220008", cuizhuang + "202", "", **came(["迟",
        "迟", "迟", "迟", "迟"], 5), township="崔庄乡", village="曹村")
    s.person("李天才", "41132119740404199", "15438220009", cuizhuang, "", "VILLAGE_UNKNOWN",
        **came("√√√√×", 4), township="崔庄镇", village="石家庄村")
    s.person("马小妮", "41132120050101200", "15438220010", cuizhuang + "216", "",
        "AGE_OUT_OF_RANGE", **came("√√√√√", 5), village="周湾")
    s.skip("header", "序号", "学员姓名", "身份证号码", "乡镇", "村", "手机", "签到情况", LEFT,
        LEFT, LEFT, LEFT, "备注")
    s.skip("header", *[ABOVE] * 6, "26日上午", "26日下午", "27日上午", "27日下午", "28日上午",
        ABOVE)
    s.person("范得水", "41132119621111211", "15438220011", sike + "203", "", **came("到到到到到",
        5), village="王营")
    s.person("张才女", "41132119870606222", "", sike + "201", "", "PHONE_INVALID", **came("√√×√√",
        4), phone="66891234", village="张才沟")
    s.person("华春来", "41132119790909233", "15438220013", sike + "202", "", **came("√√√假√", 4),
        id=wide(number("41132119790909233")), phone=15438220013)
    s.person("", "41132119790909235", "15438220013", sike + "202", "", **came("√√√假√", 4),
        error="NAME_MISSING", name=None)
    s.person("雷响", "41132119790909237", "15438220014", sike + "202", "", **came("×××××", 0),
        error="TOWNSHIP_UNKNOWN", township="四颗树乡")
    s.person("韩五垛", "41132119681010254", "15438220015", sike + "214", "", "PHONE_MULTIPLE",
        **came("√√√√√", 5), phone="15438220015、15438220016", township="四棵树")
    s.fill([sike + "221", sike + "222", sike + "223"], "", **came("√√√√√", 5))
    s.fill([sike + "224", sike + "225"], "", **came("√×√√×", 3))
    s.skip("footer", "班主任签名：               授课教师签名：               ", *[LEFT] * 11)
    r.workbook()


def county_column():
    """南阳市: people of several counties under one another."""
    r = Roster("05_nanyang_county_column.xlsx", "county column", "4113", "2021-06-01")
    s = r.page("汇总名单", "serial county township village kind name id phone")
    nanzhao, xichuan = "411321", "411326"
    s.skip("title", "南阳市2021年电商带头人培训学员汇总表", *[LEFT] * 7)
    s.skip("header", "序号", "县区", "乡镇（街道）", "村（社区）", "户类型", "姓名", "证件号码",
        "联系电话")
    a = s.person("杜春雷", "41132119760501315", "15439330001", nanzhao + "102203", "脱贫户",
        village="李楼")
    s.person("魏晓燕", "41132119890923326", "15439330002", nanzhao + "102204", "脱贫不稳定户",
        county=ABOVE, village="西坪", kind="脱贫监测户")
    s.person("唐有福", "41132119580808337", "15439330003", nanzhao + "308207", "边缘易致贫户",
        county=ABOVE, township="马市坪", village="马市坪村", kind="边缘易致贫")
    s.person("唐有禄", "41132119580808339", "15439330004", nanzhao + "308207", "脱贫户",
        county=ABOVE, township="荆紫关镇", village="上街村", error="TOWNSHIP_UNKNOWN")
    s.skip("total", None, "小计", "4人")
    s.person("全占国", "41132619700220351", "15439330005", xichuan + "101204", "脱贫户",
        county="淅川", township="荆紫关", village="狮子沟村")
    s.person("全占英", "41132619720220362", "15439330006", xichuan + "101205", "突发严重困难户",
        county="同上", township="同上", village="上庄", kind="突发困难户")
    s.person("汪丹江", "41132619840715373", "15439330007", xichuan + "102200", "一般农户",
        county="〃", township="老城乡", village="秧田村", kind="非贫困户")
    s.person("杜春雷", "41132119760501315", "15439330001", xichuan + "103201", "脱贫户",
        county="淅川县", township="香花镇", village="阮营", error="DUP_IN_FILE", dup=a)
    s.person("杜冬雷", "41132119760501315", "15439330009", xichuan + "103201", "脱贫户",
        county="淅川县", township="香花镇", village="阮营", error="DUP_CONFLICT", dup=a)
    s.person("吴昊", "41132619930303391", "15439330010", xichuan + "302201", "脱贫户",
        county="淅川县", township="毛堂", village="毛堂", name="吴 昊")
    s.person("贾桂荣", "41292319551231402", "15439330011", xichuan + "303206", "脱贫户",
        county="淅川县", township="大石桥", village="姚家湾村民委员会")
    s.skip("total", None, "小计", "7人")
    s.fill([nanzhao + n for n in ("104201", "104205", "104208")], "脱贫户", county="南召县")
    s.fill([xichuan + n for n in ("108200", "108202", "108206", "109202")], "一般农户",
        county="淅川")
    s.person("彭雪枫", "41132119820606111", "15439330020", nanzhao + "100200", "脱贫户",
        county="南召", township="城关", village="沙坪")
    s.person("许七妹", "41132119820606122", "", nanzhao + "300201", "脱贫户", "PHONE_MISSING",
        county="南召", township="城郊", village="大庄村")
    s.person("许八妹", "41132119820606124", "15439330021", nanzhao + "107203", "",
        "HOUSEHOLD_TYPE_UNKNOWN", county="南召", township="白土岗", village="大庄", kind="其他")
    s.skip("total", "合计", None, None, None, None, "21人")
    s.skip("footer", "制表人：周静        联系电话：0377-63112345        2021年6月1日")
    r.workbook()


def sheet_per_county():
    """周口市: a sheet for each county, an old list hidden, the same people on two sheets."""
    r = Roster("06_zhoukou_sheet_per_county.xlsx", "a sheet per county", "4116", "2021-06-01")
    note = r.page("填报说明", "text")
    note.ignored("填报说明")
    note.ignored("1.各县一个工作表；2.身份证号码设为文本格式；3.没有电话的请注明。")
    columns = "serial township village name sex phone id kind"
    head = ("编号", "乡镇", "村居", "姓名", "性别", "联系电话", "居民身份证号码", "身份类别")
    s = r.page("沈丘县", columns)
    shen, dan = "411624", "411625"
    s.skip("title", "周口市农村电商培训学员名册（沈丘县）", *[LEFT] * 7)
    s.skip("header", *head)
    a = s.person("艾明华", "41272819701010111", "15440440001", shen + "100001", "脱贫户",
        village="东关", kind="脱贫人口")
    s.person("艾明英", "41272819721010122", "15440440002", shen + "103007", "脱贫户",
        township="老城", village="西关同心社区")
    s.person("石磊", "41162419881212133", "15440440003", shen + "201200", "脱贫户", name="石 磊",
        township="石槽集", village="石槽集村")
    s.person("卞路生", "41162419881212135", "15440440004", shen + "209201", "脱贫户",
        township="卞路口镇", village="张保元", id="'" + number("41162419881212135"))
    lost = s.person("白天亮", "41162419900303155", "15440440005", shen + "108200", "脱贫户",
        township="白鹿镇", village="白集村", error="TOWNSHIP_UNKNOWN")
    s.fill([shen + n for n in ("109200", "109201", "110204", "111204")], "一般农户")
    s.person("赵德营", "41162419650505166", "15440440006", shen + "104201", "脱贫户",
        "SEX_MISMATCH", "PHONE_MULTIPLE", township="赵德营", village="兴隆", sex="男",
        phone="0394-5221234/15440440006")
    t = r.page("郸城", columns)
    t.skip("title", "周口市农村电商培训学员名册（郸城县）", *[LEFT] * 7)
    t.skip("header", *head)
    t.person("白天亮", "41162419900303155", "15440440005", dan + "103201", "脱贫户",
        township="白马", village="白马村")
    t.person("艾明华", "41272819701010111", "15440440001", dan + "101201", "脱贫户",
        township="吴台镇", village="吴台", error="DUP_IN_FILE", dup=a)
    t.person("石二柱", "41272619600601111", "15440440008", dan + "108201", "低保贫困户",
        township="石槽", village="石槽村", kind="低保贫困")
    t.person("邓鱼水", "41272619610601122", "15440440009", dan + "209206", "脱贫户",
        township="李楼", village="邓鱼池", id="\u3000" + number("41272619610601122") + "\xa0")
    t.person("李三村", "41272619620601133", "15440440010", dan + "209203", "脱贫户",
        township="李楼乡", village="三村")
    t.person("丁长顺", "41272619630601144", "15440440011", dan + "204201", "脱贫户",
        township="丁村", village="丁村村委会")
    t.person("艾民华", "41272819701010111", "15440440001", dan + "101201", "脱贫户",
        township="吴台镇", village="吴台", error="DUP_CONFLICT", dup=a)
    t.person("汲水清", "41272619630601166", "15440440012", dan + "109202", "脱贫户",
        township="汲水乡", village="小刘庄", error="ID_MASKED", id="412726********1662")
    t.fill([dan + n for n in ("201201", "201202", "205202", "206201")], "脱贫户")
    old = r.page("2020年旧名单", columns, hidden=True)
    old.ignored(*head)
    old.person("丁长顺", "41272619630601144", "15440440011", dan + "204201", "脱贫户")
    old.person("不应导入", "41272619630601188", "15440440099", dan + "204201", "脱贫户")
    assert lost["row"] == 7
    r.workbook()


def hidden_rows():
    """卓资县: sheets named after townships, header row 6, two empty columns, hidden rows."""
    r = Roster("08_zhuozi_hidden.xlsx", "hidden sheets and rows", "150921", "2021-06-01")
    columns = "phone name birth id village ethnic kind note"
    head = ("手机", "姓名", "出生日期", "证件号码", "行政村", "民族", "农户类别", "备注")
    town, horse = "150921108", "150921212"

    def start(name):
        s = r.page(name, columns, left=2)
        s.skip("title", "卓资县" + name + "电商培训学员台账", *[LEFT] * 7)
        s.skip("blank")
        s.skip("info line", "填报单位：" + name + "人民政府")
        s.skip("info line", "填报时间：2021年6月1日")
        s.skip("blank")
        s.skip("header", *head)
        return s

    s = start("十八台")
    a = s.person("云秀芳", "15262419690315222", "15441550001", town + "201", "脱贫户",
        village="哈力盖图", birth="1969.03.15", ethnic="蒙古", truth_ethnic="蒙古族")
    s.person("白音", "15262419800101333", "15441550002", town + "202", "脱贫户", "HIDDEN_ROW",
        village="巴音沟嘎查", birth="1980年1月1日", hidden=True)
    s.person("杨满红", "15262419751120444", "", town + "204", "脱贫户", "BIRTH_MISMATCH",
        "HIDDEN_ROW", "PHONE_MISSING", village="厂汉梁", birth="1976-11-20", hidden=True)
    s.person("李存柱", "15262419751120455", "15441550004", town + "200", "脱贫户",
        village="十八台村", birth="19751120")
    s.person("李存根", "15262419780230455", "15441550005", town + "200", "脱贫户",
        error="ID_DATE", village="十八台村", birth="1978/2/30", hidden=True)
    s.skip("blank", hidden=True)
    s.person("任二白", "15262419550531466", "15441550006", town + "203", "一般农户",
        "AGE_OUT_OF_RANGE", village="下营子", birth=datetime.fromisoformat("1955-05-31"),
        kind="非贫困户")
    s.person("任三白", "15262419550602477", "15441550007", town + "203", "一般农户",
        village=ABOVE, birth="1955/6/2")
    s.fill([town + "203", town + "203"], "脱贫户", village=ABOVE)
    s.fill([town + "205", town + "206"], "脱贫户", "HIDDEN_ROW", hidden=True)
    s.skip("total", "小计", "11人")
    t = start("复兴乡")
    t.person("云秀芳", "15262419690315222", "15441550001", horse + "208", "脱贫户",
        error="DUP_IN_FILE", dup=a, hidden=True, village="上高台")
    t.person("康巧梅", "15262419860912288", "15441550011", horse + "209", "边缘易致贫户",
        "BIRTH_MISMATCH", village="圪塔", birth="1986-10-12", kind="边缘户")
    t.person("康巧兰", "15262419860912300", "15441550012", horse + "209", "",
        "HOUSEHOLD_TYPE_UNKNOWN", "HIDDEN_ROW", village="同上", birth="1986-9-1", kind=None,
        hidden=True)
    t.person("贺铁柱", "15262419640404311", "15441550013", horse, "脱贫户", "VILLAGE_UNKNOWN",
        village=None, birth=23471)
    t.person("贺铜柱", "15262419640404333", "15441550014", horse + "211", "脱贫户",
        village="罗家营村民委员会", birth=None, ethnic="汉")
    t.fill([horse + "212", horse + "213", horse + "214"], "脱贫户")
    t.skip("footer", "填表人：                审核人：")
    for name, hidden in (("红召乡", True), ("梨花镇", "very")):
        u = r.page(name, columns, left=2, hidden=hidden)
        u.ignored(*head)
        u.person("韩东风", "15262419640404355", "15441550015", "150921211200", "脱贫户")
        u.person("云秀芳", "15262419690315222", "15441550001", "150921211200", "脱贫户")
    r.workbook()


def three_row_sign_in():
    """罗山县: numbered sheets of townships, header of three rows; then two tables on one sheet."""
    r = Roster("16_luoshan_three_row_header.xlsx", "three header rows, stacked tables", "411521",
        "2019-11-01")
    s = r.page("1.竹竿镇", "serial name sex id village phone kind a b c d sign", left=1)
    zhugan, mang, dong = "411521102", "411521109", "411521110"
    s.skip("blank")
    s.skip("title", "罗山县电商培训签到及花名册", *[LEFT] * 11)
    s.skip("header", "序号", "姓名", "性别", "身份证号码", "行政村", "手机号码", "贫困类型",
        "出勤情况", LEFT, LEFT, LEFT, "学员签字")
    s.skip("header", *[ABOVE] * 7, "10月28日", LEFT, "10月29日", LEFT, ABOVE)
    s.skip("header", *[ABOVE] * 7, "上午", "下午", "上午", "下午", ABOVE)

    def came(marks, attended):
        return {**dict(zip("abcd", marks, strict=True)), "attended": (attended / 4,
            attended >= 3.2)}

    s.person("姚集生", "41152119690101115", "15452770001", zhugan + "201", "脱贫户",
        **came("√√√√", 4), sex=Formula('=IF(MOD(MID(E6,17,1),2),"男","女")', "男"),
        village="姚集")
    s.person("张老店", "41152119700101117", "15452770002", zhugan + "202", "脱贫户",
        **came("√√√×", 3), sex=Formula('=IF(MOD(MID(E7,17,1),2),"男","女")', "男"),
        village="张老店村", name=Rich("张", "老店"))
    s.person("龙桥妹", "41152119710101128", "15452770003", zhugan + "203", "低保贫困户",
        **came("√迟√到", 4), sex=Formula('=IF(MOD(MID(E8,17,1),2),"男","女")', "女"),
        village="龙桥", kind="低保户")
    s.person("史河生", "41152119720101139", "15452770004", zhugan + "204", "脱贫户", **came(["假",
        "假", None, "旷"], 0), village="史河", phone="154-5277-0004")
    s.person("朱湖生", "41152119730101151", "15452770004", zhugan + "205", "脱贫户", **came(["1",
        "1", "1", "1"], 4), village="朱湖", phone="同上")
    s.person("朱湖妹", "41152119730101162", "15452770006", zhugan, "脱贫户", "VILLAGE_UNKNOWN",
        **came("√√√√", 4), village="#N/A")
    s.fill([zhugan + "200", zhugan + "201", zhugan + "001"], "脱贫户", **came("√√√√", 4))
    s.skip("footer", "班主任（签字）：", *[LEFT] * 11)
    t = r.page("2.莽张镇（3人）", "phone name id kind village", left=0)
    t.skip("header", "联系电话", "姓名", "公民身份证号码", "贫困户类型", "所在村")
    t.person("方棚生", "41152119740101175", "15452770011", mang + "201", "脱贫户", village="方棚")
    t.person("闵水生", "41152119740101177", "15452770012", mang + "202", "脱贫户",
        village="闵水村")
    t.person("王楼生", "41152119740101179", "15452770013", mang + "203", "脱贫户",
        village="王楼村委会", id=number("41152119740101179") + " ")
    u = r.page("村干部及带头人", "serial name id phone township village kind")
    u.skip("title", "一、村干部", *[LEFT] * 6)
    u.skip("header", "序号", "姓名", "身份证号", "电话", "乡镇", "村", "户类型")
    u.person("烧盆生", "41152119750101117", "15452770021", dong + "200", "一般农户",
        village="烧盆")
    u.person("新湾生", "41152119750101119", "15452770022", dong + "201", "一般农户",
        township="东卜", village="新湾村", kind="普通农户")
    u.person("河桥生", "41152119750101131", "15452770023", dong + "202", "一般农户",
        township="东朴镇", village="河桥村", error="TOWNSHIP_UNKNOWN")
    u.person("孙店生", "41152119750101133", "15452770024", dong + "203", "一般农户",
        township="同上", village="孙店村", error="TOWNSHIP_UNKNOWN")
    u.person("东铺生", "41152119750101135", "15452770025", dong + "204", "一般农户",
        township="东卜镇", village="东铺")
    u.skip("total", "小计", "5人")
    u.skip("blank")
    u.columns = ["serial", "township", "village", "phone", "id", "name", "kind"]
    u.skip("header", "序号", "乡镇", "村", "电话", "身份证号", "姓名", "户类型")
    u.person("林寨生", "41152119760101117", "15452770031", dong + "205", "脱贫户", village="林寨")
    u.person("林寨妹", "41152119760101128", "15452770032", dong + "205", "脱贫户", village="同上",
        township="同上")
    u.person("烧盆妹", "41152119760101140", "15452770033", dong + "200", "脱贫户",
        village="烧盆村", township="东卜")
    u.skip("total", "合计", "8人")
    r.workbook()


ROSTERS = [two_row_header, sign_in, county_column, sheet_per_county, hidden_rows,
    three_row_sign_in]
