"""Templates of the generated notes on which the masker is measured: ``{slots}`` are what identifies people.

The rules were written against the sets whose names begin with ``OPEN``; those that begin with ``HELD_OUT`` were written
before the rules and not looked at while the rules were improved. Everything that is no slot should survive.
"""

from __future__ import annotations

OPEN_HEADERS = (
    "Patient: {last_first}\nDOB: {date}\nMRN: {mrn}\nDate of visit: {date}\n",
    "NAME: {upper}   SEX: F   DOB: {date}   ACCT: {account}\n",
    "Re: {full}, born {date}, {address}\nNHS No: {nhs}\n",
    "Patient Name: {full}\nHospital number {mrn}\nSeen in clinic on {date} by Dr {doctor_last}.\n",
    "{full} ({age} y/o male) | Case #{case} | admitted {date}\n",
    "Pt name: {lower}\nssn {ssn}\nph {phone}\n",
    "DISCHARGE SUMMARY\nPatient: {full}\nAttending: {doctor}, MD\nAdmission date: {date}\nDischarge date: {date}\n",
    "Dear Dr {doctor_last},\n\nThank you for referring {title} {last} (d.o.b. {date}), who lives at {address}.\n",
    "Insurance: {insurer}, member ID {policy}\nHome phone: {phone}\nE-mail: {email}\nAddress: {address}\n",
    "EMERGENCY DEPARTMENT NOTE\nName: {full}    Visit ID: {case}    Arrived {date} 14:35\n",
)

OPEN_BODIES = (
    "{title} {last} is a {age}-year-old woman with Parkinson's disease and BP {bp} on {dose}.",
    "{first} reports pain 7/10 in the L4/5 region since {date}.",
    "His wife {kin_first} can be reached at {phone}.",
    "Her daughter, {kin}, brought her in; GCS 15, SpO2 96 % on room air.",
    "The patient was last seen on {date} by Dr. {doctor}; HbA1c was 7.2 %.",
    "We spoke with {title} {last} by telephone ({phone}) about the potassium of 5.6 mmol/L.",
    "Specimen number {case} showed grade 2 invasive carcinoma, ER 8/8, Ki-67 14 %.",
    "Patient {full} was reviewed on the ward round, temperature 38.4 and heart rate 112.",
    "Next of kin: {kin} (brother), tel. {phone}.",
    "Medicare number {mbi} was checked; social security number {ssn}.",
    "Results were sent to {email} and are on {url}.",
    "{first} was started on amoxicillin 500 mg three times a day for 7 days.",
    "The appointment on {md} was moved to {date}; a Foley catheter stays in place.",
    "He moved from {address} last year and smokes 20 cigarettes a day.",
    "According to {doctor}, RN, the wound is clean and 3 x 2 cm in size.",
    "Surgery for Crohn's disease was done in {month_year} without complications.",
    "{last} denies chest pain; troponin 12 ng/L, ECG sinus rhythm at 72/min.",
    "Mother's name is {kin}, and she had breast cancer at 52.",
    "Claim {account} and policy no. {policy} are open with the insurer.",
    "{title} {last}'s Babinski sign is negative and power is 4/5 in both legs.",
)

OPEN_SIGNATURES = (
    "Electronically signed by {doctor}, MD on {date}",
    "Yours sincerely,\n\n{doctor}\nConsultant Cardiologist\nTel: {phone}",
    "Dictated by: {doctor}\nTranscribed: {date}\ncc: Dr {kin_last}, {address}",
    "Signed: {doctor} RN  {date}",
    "Best regards,\n{doctor_first} {doctor_last}, PA-C\n{email}",
    "Reported by {doctor}, {date}",
)

OPEN_CHINESE = (
    "姓名：{cn_name}　性别：女　年龄：{age}岁　住院号：{cn_mrn}　入院日期：{cn_date}",
    "患者{cn_name}，男，{age}岁，因“反复胸闷3天”于{cn_date}入院。血压{bp}mmHg，心率88次/分。",
    "身份证号：{cn_id}，联系电话：{cn_phone}，家庭住址：{cn_address}。",
    "其妻{cn_kin}（电话{cn_phone}）陪同，既往高血压病史10年，糖尿病5年。",
    "{cn_date}行腹腔镜阑尾切除术，术后体温37.8℃，白细胞12.5×10^9/L。",
    "主治医师：{cn_doctor}　　记录时间：{cn_date}",
    "联系人：{cn_kin}，与患者关系：父子，手机{cn_phone}。医保卡号{cn_policy}。",
    "{cn_doctor_last}主任查房后指示：继续头孢曲松2g静滴，复查血钾。",
    "患者现住{cn_address}，门诊号{cn_mrn}，3级高血压，疼痛评分6/10分。",
    "医师签名：{cn_doctor}\n{cn_date}",
    "{cn_last}先生诉左下肢疼痛，L4/5椎间盘突出，建议{cn_date}复诊。",
    "病理号：{cn_mrn}。送检医师{cn_doctor}，报告日期{cn_date}。",
)

HELD_OUT_HEADERS = (
    "Outpatient letter of {date}\nConcerning {title} {full}, date of birth {date}, hospital no. {mrn}.\n",
    "SURNAME: {last_upper}  FORENAME: {first}  D.O.B {date}  UNIT NO {mrn}\n",
    "Identification: {last_first}; birth date {date}; record no. {mrn}; insured under {policy}.\n",
    "Transfer note for {full} - {age} F - bed 12 - encounter {case}\n",
    "To: Dr {doctor}\nFrom: Dr {kin}\nSubject: {full} ({mrn})\n",
    "CONSULT REQUEST  pt {full}  dob {date}  phone {phone}\n",
    "Client: {full}\nCarer: {kin}\nMobile: {phone}\nPostal address: {address}\n",
)

HELD_OUT_BODIES = (
    "I reviewed {first} {last} in my clinic today, {date}; blood pressure was {bp}.",
    "{title} {last} attended with her husband {kin_first}, who noticed ankle swelling.",
    "Family meeting held with {kin} (son) and {kin_first} on {md}.",
    "Please call {title} {last} back on {phone} before {date}.",
    "Since her fall on {date}, {first} has used a Zimmer frame; Barthel 14/20.",
    "This {age}-year-old accountant from {address} has Graves' disease, TSH <0.01 mU/L.",
    "Discussed with Dr {doctor_last} (cardiology), who advised {dose}.",
    "Under the care of Professor {doctor} since {month_year}, NYHA class II.",
    "Her GP, Dr {doctor}, started warfarin 3 mg; INR 2.4 on {date}.",
    "SSN {ssn}; Medicaid ID {policy}; account {account}.",
    "{last} was taken to theatre on {date} for a Hartmann's procedure, blood loss 250 mL.",
    "Portal message from {email}: is 40 mg of atorvastatin safe with grapefruit?",
    "Contact person {kin}, {phone}, holds power of attorney.",
    "Images are at {url}; accession {case}; BI-RADS 4, 1.2 cm mass at 2 o'clock.",
    "Nurse {doctor_last} changed the dressing at 08:15; drain 30 mL.",
    "{first}'s sister {kin_first} has type 2 diabetes, his father died of a stroke at 71.",
    "{title} and Mrs {last} were told of the Gleason 3+4 result on {date}.",
)

HELD_OUT_SIGNATURES = (
    "Kind regards\n\nDr {doctor}\nSpecialty Registrar\n{phone}",
    "Authenticated by {doctor}, DO, {date} at 09:12",
    "{doctor}, MD, PhD\nDepartment of Neurology\n{email}",
    "Attending physician: {doctor}\nResident: {kin}",
    "Yours faithfully,\n{doctor}\nNurse Practitioner, {address}",
)

HELD_OUT_CHINESE = (
    "病人姓名:{cn_name} 出生日期:{cn_date} 病案号:{cn_mrn} 科别:心内科 床号:12",
    "兹有{cn_name}（身份证{cn_id}）于{cn_date}在我院就诊，诊断为急性胃炎。",
    "{cn_name}，女，{age}岁，{cn_date}因跌倒致右髋部疼痛，VAS评分7分。",
    "患者之女{cn_kin}代诉，联系方式{cn_phone}，住址：{cn_address}",
    "请{cn_doctor_last}医生会诊，心电图示窦性心律，肌钙蛋白0.02ng/mL。",
    "责任护士{cn_doctor}，{cn_date}测血糖6.8mmol/L，氧饱和度97%。",
    "患者{cn_name}于{cn_date}出院，社保号{cn_policy}，随访电话{cn_phone}。",
    "{cn_last}女士，{age}岁，BMI 23.4，家住{cn_address}。",
    "审核医生：{cn_doctor}  检查号：{cn_mrn}  检查时间：{cn_date}",
)

OPEN_PLACES = (
    "She is a {old}-year-old widow who lives in {town}.",
    "{old} y/o, transferred from {hospital} for further care.",
    "Age: {old}. Lives alone in {town}, retired.",
    "Previously treated at {hospital}; records were requested.",
    "A {old} year old resident of {town}, discharged to {hospital}.",
    "Originally from {town}; followed by the team of {hospital}.",
    "Aged {old}, he lives with his daughter in {town}.",
    "The {old}-year-old lady was brought from {hospital} by ambulance.",
    "Echocardiogram done at {hospital} last week was normal.",
    "He moved to {town} after retirement and turned {old} in spring.",
    "Age/sex: {old}/M, under follow-up in {hospital}.",
    "Born in {town}; at the age of {old} still drives.",
    "Will be referred back to {hospital} (their bed is ready).",
    "{old}M with chest pain, sent by {hospital}.",
    "{old} F fall at home, now at {hospital_lower}.",
    "{title} {last}, {old}, lives alone.",
    "Pt {old}yrs, off legs.",
    "{old}-{old} years old, the home could not say.",
    "BIBA FROM {hospital_upper}, C/O SOB SINCE THE MORNING.",
    "TX TO {hospital_upper} FOR SURGERY.",
)
OPEN_CHINESE_PLACES = (
    "患者，{old}岁，曾于{cn_hospital}住院。",
    "3天前在{cn_hospital}就诊，予口服药物治疗。",
    "年龄：{old}岁，由{cn_hospital}转入。",
    "{old}岁老年男性，外院（{cn_hospital}）CT提示肺部感染。",
    "患者家属要求转至{cn_hospital}继续治疗。",
    "入院前1周曾到{cn_hospital}门诊，年龄{old}岁。",
)
"""Ages over 89, hospitals and towns, as they stand in notes: two lines in each. None of them is held out: they and
the rules are by the same hand, and were written together."""

CLINICAL_LINES = (
    "BP 120/80 mmHg, HR 72, RR 16, temp 36.8 C, SpO2 98 % on room air, pain 3/10.",
    "Metoprolol 25 mg twice daily, lisinopril 10 mg once daily, insulin glargine 18 units at night.",
    "Grade 2 follicular lymphoma, Ann Arbor stage III, Ki-67 20 %, LDH 240 U/L.",
    "L4/5 disc prolapse with S1 radiculopathy; straight leg raise 40 degrees on the right.",
    "Known Parkinson's disease, Crohn's disease, Hashimoto thyroiditis and a Baker cyst.",
    "A Foley catheter, a Hickman line and a Swan-Ganz catheter were removed on day 3.",
    "Positive Murphy sign, negative Rovsing sign, McBurney point tenderness, Glasgow Coma Scale 14.",
    "WBC 12.4, Hb 9.8 g/dL, platelets 250,000, Na 138, K 4.2, creatinine 88 umol/L, eGFR 64.",
    "The patient is a 67-year-old man with a 40 pack-year history and NYHA class III heart failure.",
    "Follow-up in 6 weeks; repeat MRI in 3/12; INR target 2.0-3.0; power 4/5 throughout.",
    "Kaplan-Meier survival differed (P less than .05, hazard ratio 1.8, 95% CI 1.2-2.6, n = 1,204).",
    "May need a Whipple procedure; will discuss in the tumour board. Patient: stable, alert.",
    "Epstein-Barr virus IgG positive, Coombs test negative, Bence Jones protein absent, Barrett's oesophagus.",
    "Pt: A&O x3, ambulating. Mother: breast cancer at 52. Father: stroke at 71. Brother: well.",
    "Stage IIB, T2N1M0, margin 2 mm, 3 of 14 nodes involved, CA 19-9 of 37 U/mL, PSA 4.1 ng/mL.",
    "Apgar 8/9, birth weight 3,250 g, Ballard 39 weeks, Kawasaki disease excluded.",
    "Vitamin B12 1 mg weekly, folic acid 5 mg, Ringer's lactate 1,000 mL over 8 h, Tylenol 650 mg.",
    "ICD-10 S72.001A, LOINC 8480-6, CPT 99213, ICU bed 12, room 4, room air, Dr review pending.",
    "Wilson disease, Addison disease, Down syndrome, Marfan syndrome and Lou Gehrig's disease were considered.",
    "Rinne positive, Weber central, Romberg negative, Phalen and Tinel signs positive at the wrist.",
    "History of Present Illness: chest pain for 2 hours, radiating to the left arm, relieved by nitroglycerin.",
    "Seen on ward round. Will mobilise with physiotherapy. Mark the site. Rose bengal test. Grant consent form.",
    "患者因反复胸痛3天入院，血压120/80mmHg，心率72次/分，体温36.8℃，疼痛评分3/10。",
    "高血压病3级，极高危；2型糖尿病；帕金森病；克罗恩病；腰4/5椎间盘突出；李斯特菌阴性。",
    "白细胞12.4×10^9/L，血红蛋白98g/L，血钾4.2mmol/L，肌酐88μmol/L，给予头孢曲松2g静滴。",
    "患者张口受限，言语清晰，双侧瞳孔等大等圆，对光反射灵敏，颈软，无抵抗。患者高热，黄疸明显。",
    "患者方可下床活动，时有咳嗽，白痰，全身乏力，安静休息，严重贫血，水肿消退，于术后第3天拔管。",
    "Seen in the Fracture Clinic and the Heart Failure Clinic; Hospital course: uneventful; age 89, HR 95, 92 kg.",
    "外院CT示肺炎，当地医院予抗感染治疗，我院门诊随诊，89岁，体重95kg。",
    "父亲有高血压病史，母亲体健，否认家族遗传病史，医生建议2周后复查，护士测血糖6.8mmol/L。",
)
"""Without anything that identifies people: all of it should survive."""
