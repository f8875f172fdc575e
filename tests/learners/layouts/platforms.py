"""Files that no clerk typed: a survey's answers, a chat group's check-ins, a database's unload."""

# One person a statement: the truth first, then what the file has instead of it.
# fmt: off

from datetime import datetime

from tests.learners.layouts.writing import Roster, number, wide

day = datetime.fromisoformat


def ending_in_x(body):
    """The first 17 digits, from these on, of a number that ends in X."""
    later = (f"{int(body) + n}" for n in range(0, 400, 2))
    return next(one for one in later if number(one)[-1] == "X")


def survey_answers():
    """嵩县: people wrote their answers themselves, the newest first, questions as titles."""
    r = Roster("28_songxian_survey.xlsx", "answers of an online survey, newest first", "410325",
        "2023-03-31")
    s = r.page("Sheet1",
        "serial at took source detail ip name sex id phone township village kind edu wish score")
    cheng, tian, jiu, lu = "410325100", "410325101", "410325102", "410325111"
    s.skip("header", "序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP",
        "1、您的姓名是？", "2、您的性别是：", "3、请填写您的身份证号码（18位）", "4、您的手机号码",
        "5、您现在所在的乡镇（街道）", "6、您所在的村（社区）", "7、您家属于哪种类型的农户？",
        "8、您的文化程度", "9、您最希望学习的内容？[多选题]", "总分")
    left = iter(range(17, 0, -1))

    def answer(**more):
        n = next(left)
        return {"serial": n, "at": day(f"2023-03-{n + 5:02d}"), "took": f"{n * 17}秒",
            "source": "微信", "detail": "手机提交", "ip": f"115.60.{n}.20(河南-洛阳)",
            "edu": "初中", "wish": "网店运营┋短视频直播", "score": 0, **more}

    first = s.person("田玉兰", "41032519800110322", "15450328001", tian + "200", "脱贫户",
        **answer(phone=15450328001, village="田湖"))
    x = ending_in_x("41032519810210311")
    s.person("樊志远", x, "15450328002", tian + "201", "脱贫户",
        **answer(phone=15450328002, id=number(x).lower(), village="樊店村", township="田湖"))
    s.person("张秀珍", "41032519820310324", "15450328003", tian + "209", "一般农户", "SEX_MISMATCH",
        **answer(phone="154 5032 8003", sex="男", village="张庄村委会", kind="非贫困户"))
    s.person("裴建军", "41032519830410333", "15450328004", tian + "211", "边缘易致贫户",
        **answer(name="裴 建军", id=wide(number("41032519830410333")), kind="边缘户",
            village="裴村", phone="+86 15450328004"))
    s.person("李春", "41032519840510344", "15450328005", jiu + "200", "脱贫不稳定户",
        "PHONE_MULTIPLE", **answer(name="李　春", phone="15450328005，15450328105",
            kind="脱贫监测户", village="旧县村"))
    s.person("谢永福", "41032519850610355", "15450328006", jiu + "203", "脱贫户",
        error="ID_PRECISION_LOST", **answer(id=4.103251985061036e17, village="谢庄"))
    s.person("白改芹", "41032519860710366", "15450328007", jiu + "202", "脱贫户",
        error="ID_FORMAT", **answer(id="4103251986O7103" + number("41032519860710366")[15:]))
    s.person("寺德胜", "41032519870810377", "15450328008", jiu + "207", "脱贫户",
        error="ID_LENGTH", **answer(id=number("41032519870810377")[:17]))
    s.person("田玉兰", "41032519800110322", "15450328001", tian + "200", "脱贫户",
        error="DUP_IN_FILE", dup=first, **answer(phone=15450328001, village="田湖村"))
    s.person("童小燕", "41032519880910388", "15450328009", jiu + "212", "",
        "HOUSEHOLD_TYPE_UNKNOWN", **answer(kind="(空)", village="童子庄村", phone=15450328009))
    s.person("孟国庆", "41032519891010399", "15450328010", cheng + "010", "一般农户",
        **answer(township="城关", village="孟村社区", kind="普通农户", phone=15450328010))
    s.person("陆浑生", "41032519901110317", "15450328011", lu, "脱贫户", "VILLAGE_UNKNOWN",
        **answer(township="陆浑", village="(空)", phone="86-15450328011"))
    s.person("古城人", "41032519911210328", "15450328012", tian + "205", "脱贫户",
        error="TOWNSHIP_UNKNOWN", **answer(township="伊川镇", village="古城村", phone=15450328012))
    s.person("黄门生", "41032519700110331", "15450328013", tian + "208", "低保贫困户",
        "ID_UPGRADED_15", **answer(id="410325700110331", kind="低保户", phone=15450328013,
            village="黄门村民委员会"))
    s.person("毛老庄", "41032519560110353", "", tian + "221", "脱贫户", "PHONE_INVALID",
        "AGE_OUT_OF_RANGE", **answer(phone="0379-66312345", village="毛庄"))
    s.person("程静", "41032519920210362", "15450328015", tian + "223", "脱贫户",
        error="ID_MASKED", **answer(id="410325********" + number("41032519920210362")[14:]))
    s.person("屯高", "41032519930310373", "15450328016", tian + "226", "突发严重困难户",
        **answer(kind="突发困难户", village="高屯", phone=15450328016))
    r.workbook()


def group_check_ins():
    """科右中旗: the check-ins of a chat group; where people live is their department."""
    r = Roster("29_keyouzhongqi_check_ins.csv", "check-ins of a chat group, departments as places",
        "152222", "2023-06-30")
    s = r.page(None, "name job place id phone a b c d e late ethnic kind")
    hu, ren, tu = "152222100", "152222101", "152222102"
    s.skip("title", "考勤打卡汇总表 统计日期：2023-06-12 至 2023-06-14")
    s.skip("info line", "报表生成时间：2023-06-30 09:12", *[""] * 12)
    s.skip("header", "姓名", "工号", "部门", "身份证号码", "手机号", "06-12上午", "06-12下午",
        "06-13上午", "06-13下午", "06-14上午", "迟到次数", "民族", "农户类别")
    flag = "科尔沁右翼中旗"
    meng = {"ethnic": "蒙古族", "truth_ethnic": "蒙古族"}

    def came(marks, rate):
        held = dict(zip("abcde", marks, strict=True))
        return {**held, "job": "", "late": marks.count("迟"), "attended": (rate, rate >= 0.8)}

    def at(*names):
        return "-".join([flag, *names])

    s.person("白音那", "15222219800412311", "15450429001", hu + "216", "脱贫户", **meng,
        **came("√√√√√", 1.0), place=at("巴彦呼舒镇", "乌逊嘎查"),
        id=number("15222219800412311") + "\t", phone="15450429001\t")
    s.person("乌兰其其格", "15222219810512322", "15450429002", hu + "216", "脱贫户", **meng,
        **came("√√迟√√", 1.0), place=at("巴彦呼舒镇", "乌逊嘎查"),
        id=number("15222219810512322") + "\t", phone="+86-15450429002\t")
    s.person("王双喜", "15222219820612333", "15450429003", hu + "202", "一般农户",
        **came("√×√√√", 0.8), place=at("巴彦呼舒镇", "王鲁嘎查"), ethnic="汉",
        truth_ethnic="汉族", id="\t" + number("15222219820612333"), kind="普通农户")
    s.person("包金花", "15222219830712344", "15450429004", ren + "201", "脱贫户", **meng,
        **came("√×假√√", 0.6), place=at("巴仁哲里木镇", "索根嘎查"))
    s.person("韩宝山", "15222219840812355", "15450429005", ren + "212", "脱贫户", **meng,
        **came("√√√√√", 1.0), place=at("巴仁哲里木镇", "扎木钦"), kind="脱贫人口")
    s.person("陈海龙", "15222219850912366", "", ren + "204", "低保贫困户", "PHONE_MISSING", **meng,
        **came(["", "√", "√", "√", "√"], 0.8), place=at("巴仁哲里木镇", "巴仁哲里木嘎查"),
        kind="低保贫困", phone="")
    s.person("额尔敦·巴雅尔", "15222219861012377", "15450429007", tu + "200", "脱贫户", **meng,
        **came("√√√√×", 0.8), place=at("吐列毛杜镇", "乌兰哈达嘎查"), name="额尔敦•巴雅尔")
    s.person("阿拉坦", "15222219871112388", "15450429008", tu + "201", "脱贫户", **meng,
        **came("√√√√√", 1.0), place=at("吐列毛杜镇", "台吉嘎查"), error="ID_CHECKSUM",
        id="15222219871112388" + ("2" if number("15222219871112388")[-1] != "2" else "3"))
    s.person("吉日木图", "15222219881212391", "15450429009", tu + "202", "脱贫户",
        "FIELDS_SWAPPED", **meng, **came("√√√√√", 1.0),
        place=at("吐列毛杜镇", "和日木嘎查"), id="15450429009",
        phone=number("15222219881212391"))
    s.person("图力古尔", "15222219890112313", "15450429010", tu, "脱贫户", "VILLAGE_UNKNOWN",
        **meng, **came("√√√√√", 1.0), place=at("吐列毛杜镇"))
    s.person("哈斯", "15222219900212324", "15450429011", tu + "211", "脱贫户", **meng,
        **came("××××√", 0.2), place=at("吐列毛杜镇", "元宝屯嘎查"))
    s.person("张凤霞", "15222219910312346", "15450429012", hu + "211", "脱贫户",
        error="TOWNSHIP_UNKNOWN", **came("√√√√√", 1.0), place=at("没有的镇", "海龙嘎查"),
        ethnic="汉族", truth_ethnic="汉族")
    s.skip("blank", *[""] * 13)
    s.person("牧仁", "15222219920412357", "15450429013", hu + "205", "脱贫户", **meng,
        **came("√√√√√", 1.0), place=at("巴彦呼舒镇", "察尔森化嘎查"))
    r.text(",", "utf-8-sig")


def database_unload():
    """汝南县: fields padded with blanks between bars, columns called by their first letters."""
    r = Roster("30_runan_unload.txt", "unload of a database, bars, columns by initials", "411727",
        "2022-12-31")
    s = r.page(None, "serial name sex id ethnic birth township village kind phone edu")
    wang, liang, he = "411727101", "411727102", "411727103"
    wides = (4, 10, 4, 20, 10, 8, 14, 20, 16, 14, 6)
    heads = ["XH", "XM", "XB", "SFZH", "MZ", "CSRQ", "XZ", "CUN", "HLX", "LXDH", "WHCD"]
    s.skip("header", *(head.ljust(wide_) for head, wide_ in zip(heads, wides, strict=True)))
    s.skip("info line", *("-" * wide_ for wide_ in wides))

    def padded(**cells):
        return {name: text.ljust(14) for name, text in cells.items()}

    def person(name, body, phone, place, kind, /, *warnings, **more):
        born = more.pop("birth", f"{body[6:14]}")
        sex = "男" if int(body[16]) % 2 else "女"
        given = padded(id=number(body), phone=phone, edu="70", ethnic="汉族", sex=sex)
        given |= {key: more.pop(key) for key in list(more) if key in s.columns}
        return s.person(name, body, phone, place, kind, *warnings, birth=born, **given, **more)

    first = person("罗大庄", "41282719700115313", "15450530001", wang + "201", "脱贫户",
        name="罗大庄    ", village="罗庄村民委员会  ", township="王岗镇      ")
    person("余小庄", "41282719710215324", "15450530002", wang + "202", "脱贫户",
        village="余庄", township="王岗    ", kind="脱贫户    ")
    person("常建营", "41282719720315335", "15450530003", wang + "203", "一般贫困户",
        village="常营村", kind="一般贫困  ")
    person("韩玉坡", "41282719730415346", "15450530004", wang + "204", "建档立卡贫困户",
        village="韩坡村委会", kind="建档立卡户")
    person("雷志远", "41282719740515357", "15450530005", liang + "202", "特困供养贫困户",
        "BIRTH_MISMATCH", birth="19740615", village="雷庄", kind="五保户")
    person("吴文静", "41282719750615368", "", liang + "204", "脱贫户", "PHONE_MISSING",
        phone=" " * 14, village="吴营")
    person("李改芹", "41282719760715380", "15450530007", liang + "205", "脱贫户",
        error="ID_DATE", id="412827197602303" + "80" + "1", village="李老庄")
    person("冯国庆", "41282719770815371", "15450530008", liang + "206", "脱贫户",
        error="ID_MISSING", id=" " * 20, village="冯庄")
    person("罗二庄", "41282719700115313", "15450530009", wang + "201", "脱贫户",
        error="DUP_CONFLICT", dup=first, village="罗庄")
    person("马文", "41282719780915392", "15450530010", he + "210", "脱贫户", name="马 文",
        ethnic="回族      ", truth_ethnic="回族", village="后马回族村")
    person("赖庙生", "41282719791015313", "15450530011", he + "202", "边缘易致贫户",
        village="赖大庙", kind="边缘易致贫", township="和孝")
    person("薛岗生", "41282719801115335", "15450530012", he + "203", "脱贫户",
        error="TOWNSHIP_UNKNOWN", township="河孝镇", village="薛岗")
    person("陈屯生", "41282719811215357", "15450530013", he, "脱贫户", "VILLAGE_UNKNOWN",
        village="陈屯寨")
    person("林阁生", "41282719820115379", "15450530014", he + "207", "", "HOUSEHOLD_TYPE_UNKNOWN",
        kind="03", village="林阁村")
    person("寨黄", "41282719830115391", "15450530015", he + "208", "脱贫户", village="黄寨")
    person("王前楼", "41282719840115303", "15450530016", he + "209", "脱贫户", village="前王楼村")
    person("路庄", "41282719850115325", "15450530017", wang + "205", "脱贫户", village="路庄")
    s.skip("footer", "已选择 17 行。")
    r.text("|", "gb18030", newline="\n")


ROSTERS = [survey_answers, group_check_ins, database_unload]
