"""Text files as other programs save them: UTF-16, GB18030, tabs, semicolons."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from tests.learners.layouts.writing import Roster, number, wide


def utf16():
    """岳普湖县: what Excel calls Unicode text; no sex column."""
    r = Roster("03_yuepuhu_utf16.txt", "UTF-16 LE, tabs, byte order mark", "653128", "2019-11-04")
    s = r.page(None, "note serial village township kind ethnic id name phone")
    town, xiang, ahong, aqik = "653128100", "653128200", "653128207", "653128203"
    uyghur = {"truth_ethnic": "维吾尔族"}
    s.skip("title", "岳普湖县2019年电商培训学员信息")
    s.skip("header", "备注", "序号", "行政村", "所在乡镇", "身份类别", "民族", "公民身份号码",
        "学员姓名", "手机号码")
    names = ["阿依古丽•托合提", "麦麦提・艾力", "热合曼．肉孜", "帕提古丽･亚森", "图尔荪‧库尔班",
        "努尔麦麦提.喀迪尔"]
    for n, written in enumerate(names):
        name = "".join("·" if c in "•・．･‧." else c for c in written)
        body = f"653128197{n}0{n + 1}1{n}95{n}"
        s.person(name, body, f"1544722100{n}", ahong + "200", "脱贫户", name=written,
            ethnic=["维族", "维吾尔", "维吾尔族"][n % 3], village="胡杨", **uyghur)
    four = ahong[:6] + "198004018"
    cyrillic = next(four + f"{n:02d}" for n in range(40,
        99) if number(four + f"{n:02d}")[-1] == "X")
    s.person("古丽娜尔·艾山", cyrillic, "15447221010", ahong + "201", "脱贫户", id=cyrillic + "Х",
        note="多行\n备注，含\t制表符", ethnic="维族", **uyghur)
    times = next(four + f"{n:02d}" for n in range(99, 10,
        -1) if number(four + f"{n:02d}")[-1] == "X")
    s.person("艾山·买买提", times, "15447221011", ahong + "202", "脱贫户", id=times + "×",
        township="阿洪鲁库木", village="喀力尕其村", ethnic="维族", **uyghur)
    s.person("艾力·玉素甫", "65312819830303301", "15447221012", town + "001", "脱贫户",
        error="TOWNSHIP_AMBIGUOUS", township="岳普湖", ethnic="维族", **uyghur)
    s.person("玉素甫·艾力", "65312819830303303", "15447221013", town + "001", "脱贫户",
        township="岳普湖镇", village="幸福路", ethnic="维族", **uyghur)
    s.skip("blank", *[""] * 9)
    s.person("阿不都·热依木", "65312819830303305", "15447221014", xiang + "202", "脱贫户",
        township="岳普湖乡", village="加依村", ethnic="维族", **uyghur)
    s.person("张军", "65312819770707316", "15447221015", aqik + "200", "一般农户",
        name="张\u3000军", township="阿其克", village="红星村", kind="普通农户", ethnic="汉",
        id='="' + number("65312819770707316") + '"')
    s.person("张海", "65312819770707318", "", aqik + "204", "一般农户", "PHONE_MISSING",
        township="阿其克", village="巴扎", kind="非贫困户", id=wide(number("65312819770707318")))
    s.person("吐尔逊·阿吉", "65312819770707330", "15447221017", aqik + "204", "脱贫户",
        error="ID_PRECISION_LOST", id="6.53128E+17", ethnic="维族", **uyghur)
    s.person("吐尔地·阿吉", "65312819770707332", "15447221018", aqik + "204", "脱贫户",
        error="ID_PRECISION_LOST", id="653128197707076000", ethnic="维族", **uyghur)
    s.person("吐地·阿吉", "65312819770707334", "15447221019", aqik + "204", "脱贫户",
        error="ID_MASKED", id="653128**********34", ethnic="维族", **uyghur)
    s.person("古海尔·阿吉", "65312819770707345", "15447221020", aqik + "206", "脱贫户",
        "ID_UPGRADED_15", id="653128770707345", ethnic="维族", **uyghur)
    s.fill([aqik + "201", aqik + "202", aqik + "205", xiang + "203"], "脱贫户", ethnic="汉")
    s.skip("footer", "填表人：热依汗　　审核人：")
    r.text("\t", "utf-16")


def gb18030():
    """淅川县: lines before the header, cells over several lines, rare characters."""
    r = Roster("04_xichuan_gb18030.csv", "GB18030, quoted newlines", "411326", "2020-12-01")
    s = r.page(None, "serial name sex id township village address phone kind note")
    long, jing, hou = "411326001", "411326101", "411326104"
    s.skip("title", "淅川县农村电商培训学员花名册")
    s.skip("info line", "填报单位：淅川县商务局", "", "填报时间：2020年11月30日")
    s.skip("blank", *[""] * 10)
    s.skip("header", "序号", "姓 名", "性别", "身份证\n号码", "所在\n乡镇", "行政村", "培训地址",
        "联系\n方式", "贫困户\n属性", "备注")
    where = "淅川县龙城街道\n电商大厦"
    s.person("李䶮", "41132619801212301", "15448330001", long + "001", "脱贫户",
        village="郑湾社区", address=where, note="第一期\r\n第二期")
    s.person("朱𬭚", "41132619801212312", "15448330002", long + "004", "脱贫户",
        village="红旗社区", address="同上")
    s.person("王丹阳", "41132619801212324", "15448330003", jing + "200", "脱贫户",
        "PHONE_MULTIPLE", phone="15448330003\n15448330004", village="中街",
        note='他说"可以"，已通知', address=where)
    s.person("赵荆", "41132619801212335", "15448330005", jing + "201", "脱贫户", "FIELDS_SWAPPED",
        id="15448330005", phone=number("41132619801212335"), village="南街村", address=where)
    s.person("赵紫", "41132619801212347", "15448330006", jing + "202", "低保贫困户",
        township="荆紫关", village="北街", kind="低保贫困", address="")
    s.person("赵关", "41132619801212359", "15448330007", jing + "203", "脱贫户", township="同上",
        village="汉王坪村5组", id='="' + number("41132619801212359") + '"')
    s.person("赵关", "41132619811212361", "15448330008", jing + "206", "脱贫户", township='"',
        village="三岔")
    s.person("石小峰", "41132619811212373", "15448330009", hou + "200", "脱贫户",
        error="ID_PRECISION_LOST",
        id="411326198112123000" if number("41132619811212300")[-1] != "0" else "411326198112124000")
    s.person("石大峰", "41132619811212375", "15448330010", hou + "201", "脱贫户", "SEX_MISMATCH",
        sex="女", village="闫寨村", township="厚坡")
    s.person("石中峰", "41132619811212377", "15448330011", hou + "202", "脱贫户",
        error="ID_LENGTH", id="411326 19811212 377", village="张楼村")
    s.person("张婷", "41132619971212380", "15448330012", hou + "001", "脱贫户",
        village="正阳社区", phone="154 4833 0012", township="厚坡乡")
    s.person("张玲", "41132619971212382", "15448330013", hou, "", "VILLAGE_UNKNOWN",
        "HOUSEHOLD_TYPE_UNKNOWN", village="", kind="")
    s.skip("blank", *[""] * 10)
    s.fill([hou + "203", hou + "204", hou + "205", jing + "205"], "脱贫户", address=where)
    s.skip("total", "合计", "16人")
    s.skip("footer", "填表人：李娜", "", "", "审核人：")
    r.text(",", "gb18030")


def semicolons():
    """沈丘县: a text file with semicolons after lines full of commas; numbers masked."""
    r = Roster("11_shenqiu_semicolons.txt", "UTF-8, semicolons", "411624", "2021-06-01")
    s = r.page(None, "name birth id kind village township phone")
    bai, ying, dong = "411624108", "411624109", "411624001"
    s.skip("title", "沈丘县电商培训学员名单")
    s.skip("header", "参训学员姓名", "出生日期", "证件号码", "农户类型", "村(社区)", "乡镇(街道)",
        "手机/电话")
    s.person("田营生", "41272819660606311", "15449440001", bai + "205", "脱贫户", village="田营",
        birth="1966.6.6")
    s.person("高玉兰", "41272819680606322", "15449440002", bai + "201", "脱贫户",
        "BIRTH_MISMATCH", village="高庄", birth="1968年7月6日", kind="脱贫人口")
    s.person("高玉梅", "41272819680606324", "15449440003", bai + "201", "脱贫户",
        error="ID_MASKED", id="4127281968****324*", village="高庄")
    s.person("鹿鸣", "41272819680606335", "15449440004", bai + "206", "脱贫户", error="ID_MASKED",
        id="412728＊＊＊＊＊＊＊＊3351")
    s.person("李竹青", "41272819680606346", "", bai + "203", "脱贫户", "PHONE_INVALID",
        village="李竹园村", phone="154****0005")
    s.person("杨柳", "41272819680606348", "15449440006", bai + "204", "突发严重困难户",
        village="杨楼村民委员会", kind="突发户", township="白集", phone="86-15449440006")
    s.person("陈寨林", "41272819720229351", "15449440007", ying + "200", "特困供养贫困户",
        village="陈寨村", kind="特困供养", township="刘湾", birth="19720229")
    s.person("刘满仓", "41272819730229352", "15449440008", ying + "201", "脱贫户",
        error="ID_DATE", township="刘湾")
    s.person("徐老四", "41272819480101353", "15449440009", ying + "203", "建档立卡贫困户",
        "AGE_OUT_OF_RANGE", kind="贫困户", birth="1948/1/1")
    s.person("于佳", "41162420050602365", "15449440010", dong + "003", "一般农户",
        "AGE_OUT_OF_RANGE", village="于楼社区", kind="一般农户", township="东城",
        birth="2005-6-2")
    s.person("尤佳", "41162420050601367", "15449440011", dong + "004", "一般农户",
        village="尤庄居委会", township="东城镇", birth="2005-6-1")
    s.person("于洋", "41162419850601369", "15449440012", dong + "200", "一般农户", village="于庄",
        township="东城街道", birth="")
    s.skip("header", "参训学员姓名", "出生日期", "证件号码", "农户类型", "村(社区)", "乡镇(街道)",
        "手机/电话")
    s.fill([dong + "001", dong + "002", bai + "200", ying + "204"], "脱贫户")
    s.skip("footer", "村支书：             驻村第一书记：             ")
    r.text(";", "utf-8-sig", newline="\n")


def fifteen_digits():
    """郸城县: a GBK list with tabs, half of it with numbers of the first generation."""
    r = Roster("14_dancheng_15_digits.txt", "GBK, tabs, 15 digits", "411625", "2019-06-01")
    s = r.page(None, "serial name sex ethnic phone id village township kind")
    wu, nan, hu = "411625101", "411625102", "411625210"
    s.skip("header", "编号", "姓名", "性别", "民族", "联系方式", "身份证号码", "村",
        "户籍所在乡镇", "贫困户类型")

    def old(body, **more):
        return {"id": body[:6] + body[8:], **more}

    b = "41272619561224411"
    a = s.person("吴台生", b, "15450550001", wu + "201", "建档立卡贫困户", "ID_UPGRADED_15",
        **old(b), village="吴台村", kind="贫困户")
    b = "41272619600315422"
    s.person("晋菜花", b, "15450550002", wu + "202", "低保贫困户", "ID_UPGRADED_15", **old(b),
        village="晋菜园", kind="低保户", ethnic="汉")
    b = "41272619530601433"
    s.person("张楼根", b, "15450550003", wu + "203", "脱贫户", "AGE_OUT_OF_RANGE",
        "ID_UPGRADED_15", **old(b), township="吴台")
    b = "41272619530602435"
    s.person("张楼柱", b, "15450550004", wu + "203", "脱贫户", "ID_UPGRADED_15", **old(b))
    s.person("吴台生", "41272619561224411", "15450550001", wu + "201", "建档立卡贫困户",
        error="DUP_IN_FILE", dup=a, kind="贫困户")
    s.person("吴台升", "41272619561224411", "15450550006", wu + "201", "建档立卡贫困户",
        error="DUP_CONFLICT", dup=a, kind="贫困户")
    s.person("李岗", "41272619611331444", "15450550007", wu + "205", "脱贫户", error="ID_DATE",
        id="412726611331444")
    s.person("李山", "41272619611231446", "15450550008", wu + "205", "脱贫户", error="ID_FORMAT",
        id="4127266112314l6")
    b = "41272619611231458"
    s.person("马国英", b, "15450550009", nan + "202", "脱贫户", "ID_UPGRADED_15", "SEX_MISMATCH",
        "FIELDS_SWAPPED", sex="男", phone=b[:6] + b[8:], id="15450550009", township="南丰",
        village="十河", ethnic="回族", truth_ethnic="回族")
    b = "41272619611231461"
    s.person("马国庆", b, "", nan + "203", "脱贫户", "ID_UPGRADED_15", "PHONE_MISSING", **old(b),
        township="同上", village="李路口村", ethnic="同上", truth_ethnic="回族")
    s.person("任大水", "41272619611231463", "15450550011", nan + "204", "脱贫户",
        "PHONE_MULTIPLE", phone="6212345,15450550011", township="南丰乡", village="大任")
    s.skip("total", "小计", "11人")
    s.fill([hu + "201", hu + "202", hu + "001", hu + "004"], "脱贫户")
    s.person("胡集人", "41162519880808473", "15450550020", hu + "201", "脱贫户", township="胡集",
        village="胡集", id=" 411625-19880808-" + number("41162519880808473")[14:])
    s.skip("footer", "审核人：王强")
    r.text("\t", "gbk")


def address_counties():
    """周口市: several counties, told by the address alone; some records shorter than the header."""
    r = Roster("15_zhoukou_address_counties.csv", "addresses of many counties", "4116",
        "2021-06-01")
    s = r.page(None, "name id phone address kind note")
    shen, dan = "411624", "411625"
    s.skip("title", "周口市返乡农民工电商培训学员名单", *[""] * 5)
    s.skip("header", "姓名", "身份证件号码", "手机号", "详细住址", "户类型", "备注")
    city = "河南省周口市"
    s.person("崔寨生", "41272819710101115", "15451660001", shen + "101207", "脱贫户",
        address=city + "沈丘县刘庄店镇崔寨村")
    s.person("武营芳", "41272819720202126", "15451660002", shen + "102205", "脱贫户",
        address=city + "沈丘县\n留福镇武营村3组")
    s.person("许楼军", "41272619730303137", "15451660003", dan + "104205", "边缘易致贫户",
        address=city + "郸城县宁平镇许楼村", kind="边缘户")
    s.person("三里花", "41272619740404148", "15451660004", dan + "105205", "脱贫户",
        address="周口市郸城县宜路镇三里村民委员会")
    s.person("孙堂华", "41272619750505159", "15451660005", dan + "106205", "脱贫户",
        address="郸城县钱店镇孙堂村12组")
    s.person("王营明", "41272819760606111", "15451660006", shen + "105203", "脱贫户",
        address="沈丘县付井镇王营村", name=" 王营明 ")
    s.person("王营亮", "41272619760606113", "15451660007", dan + "203202", "脱贫户",
        address="郸城县张完集乡王营村")
    s.person("邓池", "41272619770707124", "15451660008", dan + "209206", "脱贫户",
        address="郸城縣李樓鄉鄧魚池村")
    s.person("张庄明", "41272619770707135", "15451660009", dan + "200202", "脱贫户",
        address="河南省郸城县城郊乡张庄村")
    s.person("张庄亮", "41272819770707137", "15451660010", shen + "002200", "脱贫户",
        address="河南省沈丘县北城街道张庄村", note="另一个张庄")
    s.person("巴屯", "41272619780808148", "15451660011", dan + "208203", "脱贫户",
        error="TOWNSHIP_UNKNOWN", address="沈丘县巴集乡巴屯村")
    s.person("巴楼", "41272619780808160", "15451660012", dan + "208202", "低保贫困户",
        address="郸城县巴集乡巴楼村委会", kind="低保户",
        id="\ufeff" + number("41272619780808160") + "\u200b")
    s.person("老城", "41272819780808171", "15451660013", shen + "103001", "脱贫户",
        address="沈丘县老城镇第四社区")
    s.person("蒋桥", "41272819780808173", "", shen + "203207", "脱贫户", "PHONE_MISSING",
        address="沈丘县李老庄乡蒋桥村")
    s.person("蒋河", "41272819780808175", "15451660015", shen + "203", "脱贫户",
        "VILLAGE_UNKNOWN", address="沈丘县李老庄乡蒋河村")
    s.person("蒋桥", "41272819780808173", "15451660016", shen + "203207", "脱贫户",
        error="DUP_IN_FILE", dup={"sheet": None, "row": 16}, address="沈丘县李老庄乡蒋桥村")
    s.person("鹿楼", "41272819780808191", "15451660018", shen + "108206", "脱贫户",
        address="河南周口沈丘县白集镇鹿楼村")
    s.rows[5] = s.rows[5][:5]
    s.rows[6] = s.rows[6][:5]
    s.skip("footer", "制表：市商务局", "", "", "审核：")
    r.text(",", "utf-8")


ROSTERS = [utf16, gb18030, semicolons, fifteen_digits, address_counties]
