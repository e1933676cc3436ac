"""Common names, written for this plugin, and capitalised words of medicine that are none. All in lower case."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """Return the words of ``text``, which white space divides."""
    return frozenset(text.split())


GIVEN = words_of(
    """
    aaliyah aaron abdul abdullah abigail adam adele adrian adriana agnes agnieszka ahmad ahmed aidan aiden aisha
    akira alan albert alberto alejandra alejandro alessandro alex alexander alexandra alfred ali alice alicia alison
    allison alma alvin amanda amelia amina amir amy ana ananya anastasia andre andrea andreas andrew angela angelica
    angelina anil anita anjali ann anna anne annette annie anthony antonio anya aoife arjun arlene arnold arthur
    arturo asha ashley ashok astrid audrey ava barbara beatrice becky belinda benjamin bernadette bernard bernice
    bertha beth bethany betty beverly bilal bjorn bobby bonnie boris brad bradley brandon brenda brendan brian
    bridget bronwyn bruce bryan caitlin callum calvin cameron camille carl carla carlos carmen carol caroline
    carolyn carrie catalina catherine cathy cecilia charlene charles charlie chen cheryl chiara chloe chris
    christina christine christopher ciara cindy claire clara clarence claudia clifford clive colin colleen connie
    connor conor constance corinne courtney craig curtis cynthia daisy damian daniel daniela danielle danny daphne
    darius darlene darren dave david deborah debra declan deepak deirdre denise dennis derek desmond diana diane
    diego dimitri dmitri dolores dominic donald donna doris dorothy douglas dylan earl ebony eddie edgar edith
    eduardo edward edwin eileen elaine eleanor elena eli elias elijah elisabeth elizabeth ella ellen elsie emily
    emma emmanuel enrique eric erica erik erin ernest esther ethan ethel eugene eva evelyn fatima fatimah felicia
    felix fernando fiona frances francesca francesco francis francisco franklin fred frederick gabriel gabriela
    gareth gary gavin gemma geoffrey george georgina gerald geraldine gerard gertrude giovanni giulia gladys glenda
    gloria gordon graham greg gregory greta guillermo gwen gwendolyn hamza hannah hans harold harriet harry hassan
    hazel heidi helen helena helga henry herbert hiroshi howard hugh hugo ian ibrahim ines ingrid irene irina isaac
    isabel isabella isaiah ivan jacob jacqueline jaime jake james jamie jane janet janice jasmine jason javier
    jayden jeanette jeff jeffrey jennifer jenny jeremy jerome jesse jessica jesus jill jim jimmy joan joann joanna
    joanne joaquin joe joel johan johanna john johnny jon jonathan jorge jose joseph josephine joshua josé joyce
    juan juanita judith judy julia julian julie justin kaitlyn kamal karen karim karl katarina kate katherine
    kathleen kathryn kathy katie kayla keisha keith kelly kelvin kenji kenneth kerry kevin khadija kimberly kirsten
    krishna kristen kristin kumar kwame kyle lakshmi larry lars latoya laura lauren laurence leah leila leo leon
    leonard leroy leslie liam linda ling linh lisa lloyd logan lois lorenzo lori lorraine louis louise luca lucas
    lucia lucy lucía luis lukas luke lydia lynn mabel madison magdalena mahmoud malcolm mandy manuel marcel marcia
    marco marcus margaret maria mariam marian marie marilyn mario marion marjorie marlene marsha martha martin
    martina marvin mary maryam maría mateo mathew matthew maureen maurice mavis megan mehmet mei melanie melinda
    melissa melvin mercedes michael michaela michel michele michelle miguel mildred milton ming miriam mitchell
    mohamed mohammad mohammed molly monica monique muhammad muriel mustafa myra myrtle nadia nancy naomi natalia
    natalie natasha nathan nathaniel neha neil nellie ngozi niamh nicholas nicola nicole nigel nikhil nina noah noel
    nora norma norman olga olivia omar oscar otto owen pablo paige pamela patricia patrick paul paula pauline pedro
    peggy percy peter petra philip phillip phoebe phyllis pierre piotr pradeep priya rachel rahul rajesh ralph ramon
    randall rania raquel rashid ravi raymond rebecca reginald rekha renee rhonda ricardo richard rita robert roberta
    roberto rodney roger roland ronald rosa rosalind roshni rosie ross roxanne roy rupert russell ruth ryan sabrina
    sadie sally salma salvatore samantha samir samuel sandra sanjay santiago sara sarah saskia scott sean sebastian
    sergei shane shannon sharon shauna sheila shelby sheryl shirley simon simone siobhan sofia sonia sophia sophie
    stacey stacy stanley stefan stella stephanie stephen steve steven stuart sue sunita susan suzanne svetlana
    sylvia takashi tamara tania tanya tara tariq teresa terrence terry thelma theodore theresa thomas tiffany tim
    timothy tina todd tom tomas tommy tony tracey tracy trevor troy tyler tyrone valerie vanessa vera vernon
    veronica vicky victor vijay vikram vincent vivian vivienne vladimir walter wanda wayne wei wendy wilfred william
    willie winifred xavier xiao yan yasmin ying yolanda yosef youssef yuki yusuf yvette yvonne zachary zainab zara
    zoe zoya
    """
)

WORDS_TOO = words_of(
    """
    addison alexander ali allen alma amber an angel april art august austin autumn barb barrett basil bell bill
    bishop black bond booth bowen bright brook brown burns bush campbell carey carolina chance chase chen cherry
    christian clara cliff cook crystal curtis dale dallas dawn dean do down drew duke early ebony faith field fields
    fisher florence flores ford fox frank frost gene georgia gilbert ginger glen gordon grace graham grant graves
    gray green grey guy hall hand hans hardy hart hazel he head heather hill hodge holly homer hood hope house hunt
    hunter iris israel ivy jack jackson jay jean jesse jesus jordan joy june justice kelly kerry kim king knight
    lake lane lee leigh leo lewis lily ling little london long love lowe major marfan marina mark marsh marshall
    mason may melody melon mercedes mercy miles mill miller ming moody moon moss murphy nelson nick noble norm norma
    olive page paige paris park parker parkinson parks pat pearl penny perry piper poole pope power powers price
    pugh ray reed rich rob robin rock rosa rose rosemary ross rowe ruby russell rusty sage salmon sandy sharp she
    shelby short simple singer small smart snow so son spring stella stewart stone strong sue summer sydney thomas
    tim turner vera victoria violet virginia wade walker wall ward washington waters watts way webb weber wells west
    white wild will wilson winter wise wood woods woodward yan york young
    """
)
"""Names that are words, places or eponyms as well: they need more than a capital to be taken for a name."""

FAMILY = words_of(
    """
    abbott abdi abdullah abraham acosta adams adeyemi agarwal aguilar ahmed akhtar alexander ali allen alvarez
    andersen anderson andersson andrews armstrong arnold ashworth atkins atkinson austin bailey baker baldwin
    banerjee banks barker barnes barnett barrett barton bates bauer beck becker begum bell bennett bernard berry
    bhatt bishop black blair blake bond boyd bradley brady brennan brooks brown bryant buchanan burgess burke burns
    burton butler byrne cameron campbell carlson carpenter carr carroll carter castillo castro chan chandra chang
    chapman chaudhry chavez chen cheng chopra chowdhury christensen chung clark clarke cohen cole coleman collins
    contreras cook cooper costa cox craig crawford cruz cunningham curtis dang daniels das davidson davies davis
    dawson dean delgado desai diaz dixon doherty dominguez donovan douglas doyle duncan dunn edwards elliott ellis
    eriksson espinoza evans fernandes fernandez ferrari fischer fisher fitzgerald fleming fletcher flores foster
    fowler fox francis franklin fraser freeman friedman fuller gallagher garcia gardner garner garza george ghosh
    gibson gilbert gill gomez gonzales gonzalez goodman goodwin gordon graham grant graves gray green greene griffin
    griffiths gupta gutierrez guzman hall hamilton hansen hanson hansson harper harris harrison hart harvey hassan
    hawkins hayes henderson henry hernandez herrera hicks higgins hill ho hoang hoffman holland holmes holt hopkins
    horn horvath howard howell huang hudson hughes hunt hunter hussain hussein huynh ibrahim islam ivanov ivanova
    jackson jacobs jacobson james jansen janssen jenkins jensen jimenez johansson johns johnson johnston jones
    jordan joseph joshi kapoor karlsson kaur keller kelley kelly kennedy khan khanna kim king klein knight koch
    kowalski kozlov kramer krishnan kumar lam lambert lane larsen larson lawrence lawson le lee lehmann leonard levy
    lewis li lim lin lindberg little liu lloyd long lopez lowe lucas lynch macdonald mackenzie macleod maldonado
    malik mann marshall martin martinez mason matthews maxwell mccarthy mcdonald mckenzie mclean medina mehta mejia
    mendez mendoza mensah meyer miller mills mishra mitchell mohamed molina moore morales moreno morgan morris
    morrison moyo mukherjee munoz murphy murray myers müller nair nakamura navarro nelson newman nguyen nichols
    nielsen novak nowak nunez o'brien o'connor o'donnell o'hara o'neill o'reilly o'sullivan obrien okafor okeke
    oliver olsen olson ortega ortiz osborne owen owens palmer parker parkinson patel patterson payne pearson
    pedersen pena pereira perera perez perkins perry peters petersen peterson petrov petrova pham phillips pierce
    popov porter powell price quinn rahman ramirez ramos rao reddy reed reid reyes reynolds ricci rice richards
    richardson riley rios rivera robbins roberts robertson robinson rodriguez rogers rojas romano romero rosales
    rose ross rossi rowe roy ruiz russell russo ryan salazar sanchez sanders sandoval santiago santos sato schmidt
    schneider schroeder schultz schwartz scott shah shaikh shapiro sharma shaw silva simmons simpson sims singh
    smith snyder sokolov solomon soto spencer stanley stephens stevens stevenson stewart stone suarez sullivan
    sutton suzuki svensson takahashi tan tanaka taylor thomas thompson thomson torres tran tucker turner vargas
    vasquez vazquez vega verma vincent volkov wagner walker wallace walsh walters wang ward warner warren washington
    watanabe watkins watson watts weaver webb weber webster wei weiss wells west wheeler white wilkinson williams
    williamson willis wilson wong wood woods wright wu xu yamamoto yang yilmaz young yu zhang zhao zheng zhou zhu
    zimmermann
    """
)

PARTICLES = words_of("van von der den de la le del della di da dos du bin ibn binti al el ter ten st mac mc y e")

NOT_NAMES = words_of(
    """
    a abdomen abdominal about account acct acetaminophen acute address admission admitted adult advanced advil
    advised af afib african after age agrees airway alcohol alert all allergies allergy also alternatively ambulance
    ambulatory american amoxicillin an anaesthesia analysis and anemia ankle another anti antibiotics any apgar
    appointment april arm arrival arrived as asian asked aspirin assessment asthma at ativan attending atypical
    avenue awake aware babinski back background bad baker barthel be because bed before below bid bilateral biopsy
    bladder bleeding blood bmi body bone both bowel box bp brain breast breathing british brother but by cad calcium
    call called came cancer cardiac cardiologist cardiology cardiothoracic cardiovascular care carer case caucasian
    ceftriaxone cell center central centre cerebral chart chest chf chief child chinese chronic ckd clean clear
    client clinic clinical coagulation colon coma comfortable community complaining complains complaint completed
    complications comprehensive concerned confirmed confused consent consultant consultation contact continue
    control coombs copd cough coumadin count course ct current cut daily data date daughter day days dear december
    declined deep denied denies dental department dermatology described description developed diabetes diabetic
    diagnosis diagnostic diarrhea did diet discharge discharged discussed disease do dob doctor dose dr drive drug
    dvt dysuria e-mail ear east ecg echo ed elderly elective electrocardiogram electronically elevated eliquis email
    emergency encounter endocrine endocrinology endorses english epilepsy er european evaluation examination
    examined exercise expected explained extension eye facility faithfully fall family father fatigue fax february
    feels felt female fentanyl fetal fever final findings first flu foley follow following foot for found foundation
    fracture french friday friend from full function further gastric gastroenterology gastrointestinal gave gcs
    general german gets gi given gives gleason god good got gp grade group growth gynaecology gynecology had
    haematology hand hartmann has hashimoto have he head headache health hearing heart height hematology heparin
    hepatic hepatitis her here hickman high hip his hispanic history home hospice hospital hours house how hr
    humalog hypertension i ibuprofen icu if im imaging impression improved in incontinent increased indian infection
    infectious information informed initial injury instructions insulin insurance intact intensive intern internal
    international is it italian its iv january japanese jehovah's joint july june kaplan-meier keeps kidney knee lab
    laboratory lane language lantus lasix last left leg lesion less level likely lipitor live liver lives local long
    looks lost low lower lung lymph made major male management march married mass maternity may md medical
    medication medications medicine memorial mental mentions metabolic metformin mg mi mild minimal minor miss
    moderate monday month morphine mother motrin mouth moved mr mri mrn mrs ms multiple muscle my n/a name named
    national nausea neck needs negative neonatal nephrology nerve neuro neurological neurology neurosurgery new next
    nhs night nil no none normal north nose not note noted notes nothing noticed notified november now np number
    nurse nursing observation obstetrics occupational october of on oncology one onset open operation operative
    ophthalmology opinion or oral ordered orthopaedic orthopaedics orthopedic orthopedics other our outcome
    outpatient oxygen pa paediatric paediatrics page pain painful pale palliative palpation pancreas paracetamol
    paramedic past patient patients pe pediatric pediatrics pelvic pelvis peptic per performed pharmacist pharmacy
    phd phone physical physician physiotherapy plan plastic platelet plavix pleasant please pneumonia po podiatry
    positive possible post practitioner prednisone pregnancy prescribed present presented presenting pressure
    previous primary prior private prn probable problem procedure prof professor progress prozac psychiatry
    psychology pt pulmonary pulse qid quality radiology range re reason recalls received recent recommendations
    record red referral referred regards registrar regular rehabilitation relevant remains renal replied report
    reported reports requests resident respiration respiratory result results retired returned review reviewed
    rheumatoid rheumatology right ringer risk rn road romberg room routine rr russian said sample satisfactory
    saturation saturday saw says scan seems seen seizure sepsis september septic serious serum service severe sex
    she shock short shoulder sick signature signed significant similarly since sincerely single sinus sister skin
    sleep smoker smokes social son south spanish specialist specialty speech spine spleen spo2 spoke spouse ssn
    stable staff stage start started stated states status stayed still stomach stopped street stroke student study
    subject sudden suffers summary sunday supine support surgeon surgery surgical swan-ganz symptoms syndrome
    systems systolic takes team tel tells temperature test than thank thanks that the their then therapy there they
    thinks this thoracic throat thursday thyroid tid time tissue to today toe tolerated tomorrow tongue took
    transfer transferred transplant trauma treatment triage tuesday two tylenol type ulcer ultrasound unable under
    understands unit unknown unremarkable unstable until unwell upper urgent urinary urine urology us use used
    uterus uti vaginal valium vascular vein very view viral visit vital vitals vitamin vomiting wait walks wants
    ward warfarin warm was we weakness wednesday week weeks weight well went were west what when where which while
    whipple who whose wife will wishes with within without woman worked works wound x-ray xanax xarelto year years
    yes yesterday you your yours zimmer zoloft
    """
)
"""Words that stand with a capital in clinical texts and are no names."""

EPONYM_NOUNS = words_of(
    """
    abscess agnosia aneurysm anomaly antibodies antibody antigen aphasia approach area arteriopathy arteritis artery
    ataxia block bodies body bypass canal cancer cataract catheter cell cells chorea cirrhosis clamp classification
    coma contracture corpuscles correction criteria criterion cyst deformity dementia disease disorder dissection
    drain duct dystrophy edema encephalopathy enteropathy equation esophagus estimate factor flap forceps formula
    fracture fractures frame ganglion gangrene gland graft hernia hodgkin index jelly lactate law line lymphoma
    malformation maneuver manoeuvre melanoma metaplasia method model nephritis node nodes oedema oesophagus
    operation osteotomy palsy papules paralysis phenomenon plot point powers procedure prosthesis protein psychosis
    pulse ratio reaction reflex repair respiration ring rule sarcoma scale score sign signs solution spasm spiral
    splint spots stage staging stain stent struma study survival syndrome syndromes system technique test tests
    tetralogy theory thyroiditis triad trial tube tumor tumour ulcer valve vein virus wafer wave x-ray
    """
)
"""What follows the name of a physician in the name of a disease, a test, a device or a method."""

CHINESE_FAMILY = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜"
    "倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳"
    "裴席卫查屈鲍位覃霍翁隋甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边闫佟肖"
)
CHINESE_COMPOUND = (
    "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐",
    "司徒", "端木", "南宫", "百里", "呼延", "独孤", "宇文", "长孙", "轩辕", "闻人", "澹台", "淳于", "钟离",
)  # fmt: skip
CHINESE_GIVEN = frozenset(
    "伟芳娜敏静强磊洋艳勇军杰涛明超秀英桂志建国丽华晓雨欣子涵浩然梓萱栋海燕文博思远玉兰春梅平俊佳怡一诺宇轩淑珍德胜"
    "凤霞立新红刚健斌波辉鹏飞鑫龙凯旭阳帅亮云莲真环雪荣爱妹香月莺媛瑞凡嘉琼勤贞莉叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣"
    "婉娴瑾颖露瑶婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁飘育滢馥筠柔竹霭凝"
    "毅林枫洁庆诗慧佩敬灿宏义兴良贵福生全学祥才发武利清富顺信成康星光天达岩中茂进有坚和彪民友裕河哲江振壮会群豪心邦"
    "承乐绍功松善厚谦亨奇之轮翰朗伯仁泉钧泽晨辰士以行时泰盛雄琛冠策腾榕风航弘山宝美连仲诚先莹峰萍卫东金根水土木火大"
    "小正道运维启克伦翔逸尘彦恒彬礼智孝忠贤淼焱尧舜禹可奕昊睿沐语彤熙雯琪琳璇蕾娟玲芬素惠彩菊翠巧银桃杏珠喜俐若冬夏"
    "芸茹菲迪"
)
"""Characters that are common in given names."""
