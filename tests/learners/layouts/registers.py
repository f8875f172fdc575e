"""Workbooks of townships: addresses, traditional characters, exchanged columns, registers."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from datetime import datetime

from tests.learners.layouts.writing import ABOVE, LEFT, Formula, Roster, number, wide


def addresses():
    """康定市: no place columns, an address instead."""
    r = Roster("07_kangding_address.xlsx", "address text, no sex", "513301", "2021-06-01")
    s = r.page("Sheet1", "kind name ethnic id address phone")
    lu, gu, xin, yala = "513301001", "513301101", "513301102", "513301201"
    prefix = "四川省甘孜藏族自治州康定市"
    s.skip("title", "康定市电子商务进农村培训人员信息采集表", *[LEFT] * 5)
    s.skip("header", "农户属性", "姓名", "民族", "居民身份证号", "家庭住址", "本人电话")
    zang = {"ethnic": "藏族", "truth_ethnic": "藏族"}
    s.person("泽仁卓玛", "51332119750505101", "15442660001", lu + "200", "脱贫户",
        address=prefix + "炉城街道清泉一村3组", **zang)
    s.person("扎西·多吉", "51332119800606112", "15442660002", gu + "203", "脱贫户",
        address=prefix + "姑咱镇羊厂村", name="扎西•多吉", **zang)
    s.person("格桑拉姆", "51330119910707123", "15442660003", gu + "201", "边缘易致贫户",
        address="康定市姑咱镇上瓦斯村村民委员会", kind="边缘户", **zang)
    s.person("李康", "51332119680808134", "15442660004", gu + "204", "一般农户",
        address="姑咱镇章古村2组", kind="普通农户", ethnic="汉")
    s.person("洛绒达瓦", "51332119830909145", "15442660005", xin + "201", "脱贫户",
        address="甘孜州康定市新都桥镇新一村", **zang)
    s.person("次仁", "51332119900101156", "15442660006", xin + "202", "脱贫户",
        address=prefix + "新都桥镇新二村 5组", name="次 仁", **zang)
    s.person("王小康", "51332119770202167", "15442660007", yala + "201", "低保贫困户",
        address="四川省康定市雅拉乡头道桥村", kind="低保户", ethnic="汉")
    s.person("尼玛", "51332119881111178", "15442660008", yala + "210", "脱贫户",
        address="康定市雅拉乡鱼斯村1组", **zang)
    s.person("降央", "51332119700303189", "15442660009", yala, "脱贫户", "VILLAGE_UNKNOWN",
        address="康定市雅拉乡", **zang)
    s.person("降初", "51332119700303191", "15442660010", yala, "脱贫户", "VILLAGE_UNKNOWN",
        address="康定市雅拉乡九道桥村", **zang)
    s.person("丹增", "51332819700303192", "15442660011", "513328100201", "脱贫户",
        error="TOWNSHIP_UNKNOWN", address="四川省甘孜藏族自治州甘孜县甘孜镇德巴村", **zang)
    s.person("阿布", "51332119700303194", "15442660012", lu + "001", "脱贫户",
        address=prefix + "炉城街道向阳社区", **zang)
    s.person("白马", "51332119650404195", "", "513301103206", "脱贫户", "PHONE_MISSING",
        address="康定市塔公镇各日马村", **zang)
    s.person("青措", "51332119650404208", "15442660014", "513301103206", "脱贫户", address="同上",
        **zang)
    s.person("贡布", "51332119720230211", "15442660015", "513301104201", "脱贫户",
        error="ID_DATE", address="沙德镇沙德村", **zang)
    for name, body, place, written in (
        ("更登", "51332119810101221", "513301106201", "康定市甲根坝镇昌木村"),
        ("泽翁", "51332119820202232", "513301106203", "康定市甲根坝乡亚弄村"),
        ("四郎", "51332119830303243", "513301107206",
            "四川省甘孜藏族自治州康定市贡嘎山镇贡嘎山村"),
        ("志玛", "51332119840404254", "513301108202", "鱼通镇牛棚子村4组"),
        ("呷绒", "51332119850505265", "513301214203", "康定市呷巴乡呷巴下村民委员会"),
    ):
        s.person(name, body, "15442669" + body[-3:], place, "脱贫户", address=written, **zang)
    s.skip("footer", "经办人：               负责人：               ", *[LEFT] * 5)
    r.workbook()


def traditional():
    """南召县: written with traditional characters, but for the people's own names."""
    r = Roster("09_nanzhao_traditional.xlsx", "traditional characters", "411321", "2021-06-01")
    s = r.page("學員名冊", "serial name sex id township village kind phone note")
    cui, qiao, si, dian = "411321310", "411321106", "411321305", "411321104"
    s.skip("title", "南召縣農村電子商務培訓學員名冊", *[LEFT] * 8)
    s.skip("header", "序號", "學員姓名", "性別", "公民身份號碼", "所屬鄉鎮", "行政村",
        "貧困戶屬性", "聯繫電話", "備註")
    s.person("劉國強", "41132119760312331", "15443770001", cui + "210", "脱贫户",
        township="崔莊鄉", village="魚池村", kind="脫貧戶")
    s.person("陳麗華", "41132119820525342", "15443770002", cui + "201", "边缘易致贫户",
        township="崔莊", village="回龍溝", kind="邊緣易致貧戶")
    s.person("張愛蘭", "41132119690718353", "15443770003", cui + "204", "突发严重困难户",
        "SEX_MISMATCH", township="崔莊鎮", village="長龍崗村民委員會", kind="突發嚴重困難戶",
        sex="女")
    s.person("馬轉運", "41132119880911364", "15443770004", qiao + "203", "建档立卡贫困户",
        township="喬端鎮", village="白銀溝村", kind="建檔立卡")
    s.person("葉鳳英", "41132119711214375", "15443770005", qiao + "202", "特困供养贫困户",
        township="同上", village="西莊村委會", kind="五保戶")
    s.person("趙榮", "41132119930107386", "15443770006", si + "224", "低保贫困户",
        township="四棵樹鄉", village="四棵樹", kind="低保戶")
    s.person("吳廣義", "41132119640130397", "15443770007", si + "203", "一般农户",
        township="四棵樹", village="王營村", kind="一般農戶")
    s.person("吳廣禮", "41132119640130399", "15443770008", si + "206", "脱贫不稳定户",
        township="四棵樹", village="神仙崖村", kind="脫貧不穩定戶",
        id=wide(number("41132119640130399")))
    s.person("鄧龍", "41132119640130411", "15443770009", dian + "205", "一般贫困户",
        township="南河店鎮", village="龍王廟村", kind="一般貧困戶")
    s.person("鄧鳳", "41132119640130422", "15443770010", dian, "", "VILLAGE_UNKNOWN",
        "HOUSEHOLD_TYPE_UNKNOWN", township="南河店", village="龍門村", kind="富裕戶")
    s.skip("header", "序號", "學員姓名", "性別", "公民身份號碼", "所屬鄉鎮", "行政村",
        "貧困戶屬性", "聯繫電話", "備註")
    s.person("關東風", "41132119750606433", "15443770011", "411321102210", "脱贫户",
        township="雲陽鎮", village="大袁村", kind="已脫貧")
    s.person("關西風", "41132119750606435", "15443770012", "411321102218", "脱贫户",
        township="雲陽", village="鹿鳴山村", kind="脫貧人口")
    s.person("關南風", "41132119750606437", "15443770013", "411321308218", "脱贫户",
        township="馬市坪鄉", village="龍頭溝", kind="脫貧戶")
    s.person("關北風", "41132119750606439", "15443770014", "411321308219", "脱贫户",
        township="驢市坪鄉", village="貫溝", kind="脫貧戶", error="TOWNSHIP_UNKNOWN")
    s.fill([si + n for n in ("207", "209", "212", "213")], "脱贫户", township="四棵樹鄉",
        kind="脫貧戶")
    s.skip("footer", "填表人：張靜                審核人：", *[LEFT] * 8)
    r.workbook()


def exchanged():
    """罗山县: the two number columns exchanged, on one sheet all of them, on another some."""
    r = Roster("10_luoshan_swapped.xlsx", "swapped columns and rows", "411521", "2019-11-01")
    head = ("序号", "姓名", "身份证号", "联系方式", "乡镇", "村", "户属性")
    columns = "serial name id phone township village kind"
    zizhu, nan = "411521104", "411521105"
    s = r.page("子路镇", columns)
    s.skip("header", *head)

    def crossed(page, name, body, phone, place, kind, /, *warnings, **more):
        more = {"id": phone, "phone": number(body), **more}
        return page.person(name, body, phone, place, kind, "FIELDS_SWAPPED", *warnings, **more)

    a = crossed(s, "余大勇", "41152119710304115", "15444880001", zizhu + "200", "脱贫户")
    crossed(s, "余小勇", "41152119730304117", "15444880002", zizhu + "202", "脱贫户",
        id=15444880002, village="朱湾村")
    crossed(s, "李兰花", "41152119790304120", "15444880003", zizhu + "204", "脱贫户",
        phone=" 411521 19790304 " + number("41152119790304120")[14:], village="李楼")
    crossed(s, "庙春兰", "41152119450304142", "15444880005", zizhu + "206", "一般贫困户",
        "AGE_OUT_OF_RANGE", id="+86 15444880005", kind="一般贫困")
    crossed(s, "罗成", "41152119850304153", "15444880006", zizhu + "203", "脱贫户",
        phone="'" + number("41152119850304153"), village="罗寨村委会")
    for n in range(7, 15):
        crossed(s, "路人" + "甲乙丙丁戊己庚辛"[n - 7], f"411521198503{n:02d}2{n:02d}",
            f"154448800{n:02d}", zizhu + "206", "脱贫户", village="庙湾")
    t = r.page("楠杆镇", columns)
    t.skip("header", *head)
    t.person("伍家宝", "41152119660606161", "15444880021", nan + "002", "脱贫户",
        village="五一社区")
    crossed(t, "伍家珍", "41152119680606162", "15444880022", nan + "003", "脱贫户",
        village="伍家坡社区")
    t.person("蔡永堆", "41152119700606163", "15444880023", nan + "201", "脱贫户",
        village="蔡堆村")
    crossed(t, "余大勇", "41152119710304115", "15444880001", nan + "201", "脱贫户",
        error="DUP_IN_FILE", dup=a)
    t.person("邵雪", "41152119720606164", "", nan + "202", "脱贫户", "PHONE_MISSING",
        village="邵湾")
    t.person("邵雨", "41152119720606166", "", nan + "202", "脱贫户", "PHONE_INVALID",
        phone="1544488002", village="邵湾")
    t.person("邵霜", "41152119720606168", "15444880026", nan + "202", "脱贫户",
        error="ID_MISSING", id=None)
    t.person("邵露", "41152119720606180", "15444880027", nan + "202", "脱贫户", error="ID_LENGTH",
        id="15444880028")
    t.fill([nan + "200", nan + "203"], "脱贫户")
    r.workbook()


def willing_register():
    """罗山县: 有能力有意愿名录, by household, with other people's names and numbers beside."""
    r = Roster("12_luoshan_willing_register.xlsx", "register by household", "411521",
        "2019-11-01")
    s = r.page("名录",
        "no head head_id people hands name relation id able willing wish township "
        "village kind phone helper helper_phone asked trained")
    ding, tie, shan = "411521204", "411521111", "411521205"
    s.skip("title", "罗山县有能力有意愿参加电商培训人员名录", *[LEFT] * 18)
    s.skip("info line", "填报单位：罗山县扶贫办　　　　填报日期：2019年10月20日")
    s.skip("header", "户编号", "户主姓名", "户主身份证号", "家庭人口", "劳动力", "成员姓名",
        "与户主关系", "身份证号", "是否有能力", "是否有意愿", "意向", "乡镇", "行政村",
        "贫困户属性", "本人手机", "帮扶责任人", "帮扶人电话", "调查日期", "是否已培训")

    def home(no, head, body, people, hands):
        return {"no": no, "head": head, "head_id": number(body), "people": people, "hands": hands,
            "helper": "张建国", "helper_phone": "13837600000", "asked": "2019.10.12",
            "able": "是", "willing": "是", "wish": "开网店", "trained": "否"}

    same = dict.fromkeys(("no", "head", "head_id", "people", "hands", "helper", "helper_phone",
        "township", "village", "kind"), ABOVE)
    rest = {"able": "是", "willing": "是", "wish": "供货", "asked": "2019年10月12日",
        "trained": "√"}
    h = home("41152120401", "罗定远", "41152119650101111", 5, 3)
    a = s.person("罗定远", "41152119650101111", "15445990001", ding + "201", "建档立卡贫困户",
        **h, relation="户主", kind="建档立卡户", village="罗庄")
    s.person("胡翠萍", "41152119670202122", "15445990002", ding + "201", "建档立卡贫困户", **same,
        **rest, relation="配偶")
    s.person("罗建新", "41152119920303133", "", ding + "201", "建档立卡贫困户", "PHONE_MISSING",
        **same, **rest, relation="之子")
    s.person("罗小妮", "41152120040303144", "15445990004", ding + "201", "建档立卡贫困户",
        "AGE_OUT_OF_RANGE", **same, **rest, relation="之女")
    h = home("41152120402", "彭德厚", "41152119430404155", 3, 1)
    s.person("彭秀枝", "41152119700505166", "15445990005", ding + "205", "低保贫困户", **h,
        relation="之女", kind="低保户", township="定远", village="彭楼村")
    s.person("彭德厚", "41152119430404155", "15445990006", ding + "205", "低保贫困户",
        "AGE_OUT_OF_RANGE", **same, **rest, relation="本人")
    h = home("41152111101", "易大江", "41152119580606177", 4, 2)
    s.person("易大江", "41152119580606177", "15445990007", tie + "205", "脱贫户", **h,
        relation="户主", kind="已脱贫", village="易棚村", township="铁铺乡")
    s.person("何冲玉", "41152119600707188", "15445990008", tie + "205", "脱贫户", **same, **rest,
        relation="妻")
    s.skip("total", "小计", None, None, 12)
    h = home("41152111102", "何冲发", "41152119700808199", 4, 2)
    s.person("何冲发", "41152119700808199", "15445990009", tie + "203", "一般农户", **{**h,
        "able": "否"}, relation="户主", kind="非贫困户", township="铁铺", village="何家冲村委会")
    s.person("罗定远", "41152119650101111", "15445990001", tie + "203", "一般农户",
        error="DUP_IN_FILE", dup=a, **same, **rest, relation="兄弟")
    h = home("41152120501", "林湾山", "41152119620909111", 2, 2)
    s.person("林湾山", "41152119620909111", "15445990011", shan + "204", "脱贫户", **h,
        relation="户主", township="山店", village="林湾")
    s.person("林湾水", "41152119640909133", "15445990012", shan + "204", "脱贫户",
        error="ID_MISSING", **same, **rest, relation="兄弟", id=None)
    for at, name in (("201", "青莲芬"), ("202", "张湾生"), ("206", "胡畈明")):
        body = f"4115211977{at[1:]}112{at[2]}"[:17].ljust(17, "5")
        h = home("411521205" + at, name, body, 1, 1)
        s.person(name, body, "15445991" + at, shan + at, "脱贫户", **h, relation="户主")
    s.skip("footer", "调查人：刘洋             村支书：             ", *[LEFT] * 18)
    r.workbook()


def numbers():
    """淅川县: everything that a spreadsheet does to numbers and dates."""
    r = Roster("13_xichuan_numbers.xlsx", "numeric cells, 15 digits", "411326", "2020-12-01")
    s = r.page("Sheet1", "phone birth id village township name kind serial sex",
        serial=lambda row: Formula("=ROW()-1"))
    sheng, jin, cang = "411326106", "411326107", "411326109"
    s.skip("header", "手机号", "出生年月日", "身份证", "所在村", "所在乡（镇）", "学员姓名",
        "户类型", "序号", "性别")

    def old(body):
        return body[:6] + body[8:]

    b = "41292319640812151"
    a = s.person("盛安民", b, "15446110001", sheng + "200", "脱贫户", "ID_UPGRADED_15",
        id=int(old(b)), phone=15446110001, birth=datetime.fromisoformat("1964-08-12"))
    b = "41292319701103162"
    s.person("瓦春英", b, "15446110002", sheng + "202", "脱贫户", "ID_UPGRADED_15", id=old(b),
        phone=15446110002.0, birth="1970年11月3日", village="瓦屋场")
    s.person("姚建国", "41132619750505173", "15446110003", sheng + "205", "脱贫户",
        error="ID_PRECISION_LOST", id=411326197505051700.0)
    s.person("姚建民", "41132619750505175", "15446110004", sheng + "205", "脱贫户",
        error="ID_PRECISION_LOST", id="4.11326E+17")
    s.person("盛安民", "41292319640812151", "15446110001", sheng + "200", "脱贫户",
        error="DUP_IN_FILE", dup=a, township="盛湾")
    b = "41292319680230184"
    s.person("黄龙泉", b, "15446110005", sheng + "201", "脱贫户", error="ID_DATE", id=int(old(b)))
    b = "41292319550101195"
    s.person("岭上松", b, "15446110006", sheng + "203", "脱贫户", "ID_UPGRADED_15",
        "SEX_MISMATCH", id=" " + old(b), birth="1955-1-1", sex="女", township="盛湾",
        village="土地岭")
    b = "41292319541101206"
    s.person("岭上梅", b, "15446110007", sheng + "203", "脱贫户", "ID_UPGRADED_15",
        "AGE_OUT_OF_RANGE", id=old(b), birth=20029, township="同上", village="同上")
    s.person("金水旺", "41132619890101217", "15446110008", jin + "001", "一般农户",
        "BIRTH_MISMATCH", birth="1988.1.1", village="金河社区", kind="普通农户", township="金河")
    s.person("金水来", "41132619890101219", "", jin + "002", "一般农户", "PHONE_INVALID",
        birth="19890101", phone=1544611000, village="金汇社区", township="金河")
    s.person("金水生", "41132619890101231", "15446110010", jin + "003", "一般农户",
        error="ID_LENGTH", id=4113261989010)
    s.person("金水明", "41132619890101233", "15446110011", jin + "003", "一般农户",
        error="ID_FORMAT", id="4I1326198901012335")
    s.person("金水亮", "41132619890101235", "15446110012", jin + "003", "一般农户",
        error="ID_FORMAT", id="41132619890101O235")
    s.person("金水光", "41132619890101237", "15446110013", jin + "003", "一般农户",
        error="ID_MASKED", id="411326********2374")
    s.person("金水晶", "41132620210101248", "15446110014", jin + "003", "一般农户",
        error="ID_DATE")
    s.person("刘裴玉", "41132619940404254", "15446110015", cang + "202", "边缘易致贫户",
        "PHONE_MULTIPLE", phone="15446110015 13800138000", birth=34428, kind="边缘户")
    s.person("棠梨花", "41132619940404266", "13800138000", cang + "204", "边缘易致贫户",
        "PHONE_MULTIPLE", phone="0377-69212345；13800138000", birth="1994/4/4", kind="边缘户")
    s.skip("total", None, None, None, None, "合计", "17人")
    r.workbook()


ROSTERS = [addresses, traditional, exchanged, willing_register, numbers]
