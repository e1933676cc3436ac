"""Red flags: findings that no answer may be milder than, whatever the model says. This table is all there is.

A rule can only make an answer more urgent. Levels are those of scales of five, 1 being the most urgent; what they
mean in shorter scales is told in :mod:`~verticore_medical.triage.levels`. Words are looked for in the complaint alone,
and do not count where they are negated or history.
"""

from __future__ import annotations

from verticore_medical.triage.rules import (
    RedFlag,
    aged,
    child_above,
    low_pressure_for_age,
    news2_of,
    out_of,
    shock,
    state,
    suspected_sepsis,
    young_fever,
)

_ESI, _NEWS2, _MTS, _CTAS = "ESI Handbook", "NEWS2, RCP 2017", "Manchester Triage System", "CTAS 2016"
_BLEEDING = r"\b(?:bleed\w*|spotting|hemorrhage)\b"
_BREATHLESS = r"short(?:ness)? of breath|dyspn\w+|wheez\w+|difficult\w* (?:in )?breath\w*|trouble breathing"
_ALLERGY = r"allerg\w+|hives|urticaria\w*|(?:bee|wasp|hornet|insect) sting\w*"
_SIDE = (
    r"(?:left|right|one|unilateral)[\s-]*(?:sided?|arm|leg|upper|lower|extremity|hemi|motor)?"
    r"[\s-]*(?:side|limb|extremity|motor)?"
)

RED_FLAGS: tuple[RedFlag, ...] = (
    RedFlag("unresponsive", 1, "Unresponsive", "mental state unresponsive", f"AVPU; {_ESI}, level 1",
            when=state("unresponsive")),
    RedFlag("arrest", 1, "Cardiac or respiratory arrest", "words: cardiac arrest, apnoea, no pulse, CPR",
            f"{_ESI}, level 1", words=r"cardiac arrest|respiratory arrest|\bapnea\b|\bpulseless\b|\bcpr\b|心跳骤停"),
    RedFlag("seizing", 1, "Seizing now", "words: seizing, status epilepticus, ongoing seizure",
            f"{_MTS}: currently fitting",
            words=r"\bseizing\b|status epilepticus|(?:ongoing|active|continuous) seizure"),
    RedFlag("hypoxia-severe", 1, "Severe hypoxia", "oxygen saturation below 85 %", f"{_CTAS}: severe distress",
            when=out_of("spo2", low=84.9)),
    RedFlag("hypoxia", 2, "Hypoxia", "oxygen saturation of 91 % or less", f"{_NEWS2}, 3 points; {_ESI}, danger zone",
            when=out_of("spo2", low=91)),
    RedFlag("reduced-consciousness", 2, "Less than alert", "mental state confused, voice or pain",
            f"{_NEWS2}, 3 points; {_ESI}, level 2", when=state("confused", "voice", "pain")),
    RedFlag("breathing-rate", 2, "Breathing far too fast or slow",
            "16 years and over: respiratory rate of 25 and more, or of 8 and less", f"{_NEWS2}, 3 points",
            when=out_of("respiratory_rate", low=8, high=25, adult=True)),
    RedFlag("heart-rate", 2, "Heart far too fast or slow",
            "16 years and over: heart rate of 131 and more, or of 40 and less", f"{_NEWS2}, 3 points",
            when=out_of("heart_rate", low=40, high=131, adult=True)),
    RedFlag("hypotension", 2, "Low blood pressure", "16 years and over: systolic pressure of 90 and less",
            f"{_NEWS2}, 3 points", when=out_of("systolic_bp", low=90, adult=True)),
    RedFlag("shock-index", 2, "Shock", "16 years and over: heart rate over systolic pressure of 1.3 and more",
            "shock index; Rady et al. 1994", when=shock),
    RedFlag("hypertension", 3, "Very high blood pressure", "16 years and over: systolic pressure of 220 and more",
            f"{_NEWS2}, 3 points", when=out_of("systolic_bp", high=220, adult=True)),
    RedFlag("cold", 2, "Very cold", "temperature below 34 °C", f"{_NEWS2}; hypothermia with risk of arrhythmia",
            when=out_of("temperature", low=33.9)),
    RedFlag("very-hot", 2, "Very hot", "temperature of 41 °C and more", f"{_MTS}: very hot",
            when=out_of("temperature", high=41)),
    RedFlag("news2", 2, "NEWS2 calls for an emergency response", "16 years and over: 7 points or more", _NEWS2,
            when=news2_of(7)),
    RedFlag("news2-urgent", 3, "NEWS2 calls for urgent review", "16 years and over: 5 points or more", _NEWS2,
            when=news2_of(5)),
    RedFlag("qsofa", 2, "Suspicion of sepsis", "16 years and over: 2 of breathing 22, pressure 100, less than alert",
            "qSOFA, Singer et al. 2016", when=suspected_sepsis),
    RedFlag("hypoglycaemia", 2, "Low glucose", "glucose below 3 mmol/L", "ADA, level 2 hypoglycaemia",
            when=out_of("glucose", low=2.99)),
    RedFlag("child-pressure", 2, "Low blood pressure for the age",
            "under 16 years: systolic pressure below 60 (newborn), 70 (infant), 70 + 2 × age, 90 (from 10 years)",
            "PALS, American Heart Association", when=low_pressure_for_age),
    RedFlag("child-heart", 3, "Heart fast for the age",
            "heart rate over 180 under 3 months, 160 under 3, 140 to 8 years",
            f"{_ESI}, danger zone", when=child_above("heart_rate", lambda p: p.fast_heart)),
    RedFlag("child-breath", 3, "Breathing fast for the age",
            "respiratory rate over 50 under 3 months, 40 under 3, 30 to 8 years",
            f"{_ESI}, danger zone", when=child_above("respiratory_rate", lambda p: p.fast_breath)),
    RedFlag("young-fever", 2, "Fever of a young infant", "under 3 months: temperature of 38 °C and more",
            f"{_ESI}, paediatric fever", when=young_fever),
    RedFlag("chest-pain", 2, "Chest pain of possible cardiac origin", "words: chest pain; 40 years and over, no injury",
            f"{_ESI}, high risk; {_MTS}: cardiac pain",
            words=r"chest (?:\w+ )?(?:pain|discomfort|pressure|tightness)|pain,? (?:in |of )?(?:the )?chest|胸痛|胸闷",
            when=aged(40)),
    RedFlag("chest-pain-typical", 2, "Chest pain that radiates, crushes or makes sweat",
            "words: chest pain, and radiating, crushing, sweating or dyspnoea", f"{_MTS}: cardiac pain",
            words=r"chest pain.*(?:radiat|crush|sweat|diaphor|jaw|dyspn|short of breath)"
                  r"|(?:crushing|radiating) chest pain|\bstemi\b|\bangina\b|myocardial infarction"),
    RedFlag("stroke", 2, "Signs of stroke", "words: facial droop, slurred speech, one-sided weakness, aphasia, stroke",
            "FAST; Kothari et al. 1999",
            words=r"fac(?:e|ial) (?:droop|palsy|weakness|asymmetry)|(?:slurr\w+|slurring of) (?:of )?speech|slurred"
                  r"|dysarthria|aphasia|hemiparesis|hemiplegia|\bstroke\b|\bcva\b|speech disturbance"
                  rf"|{_SIDE} *(?:weakness|paralysis)|偏瘫|口角歪斜"),
    RedFlag("anaphylaxis", 2, "Anaphylaxis", "words: anaphylaxis, swelling of tongue, throat or airway",
            "WAO anaphylaxis guidance 2020",
            words=r"anaphyla\w+|(?:tongue|throat|airway|larynx) (?:is )?(?:swelling|swollen|closing|tight\w*)"
                  r"|swell\w+ (?:of |in )?(?:the )?(?:tongue|throat|airway)|过敏性休克"),
    RedFlag("allergy-breathing", 2, "Allergic reaction with trouble breathing",
            "words: allergy, hives or a sting, and trouble breathing", "WAO anaphylaxis guidance 2020",
            words=_ALLERGY, when=lambda p: p.says(_BREATHLESS) and "trouble breathing"),
    RedFlag("airway", 2, "Airway at risk", "words: stridor, choking, respiratory distress, cannot breathe",
            f"{_MTS}: airway compromise",
            words=r"\bstridor\b|\bchoking\b|respiratory distress|can(?:'t|not| not) breathe|unable to breathe"),
    RedFlag("mental-change", 2, "Changed mental state", "words: mental change, confusion, unconscious",
            f"{_ESI}, level 2: new confusion, lethargy",
            words=r"mental (?:status )?change|change in mental|altered mental|\bconfus\w+|\bunconscious\w*"
                  r"|\bunresponsive|\bstupor\w*|意识不清|昏迷"),
    RedFlag("seizure", 3, "Seizure", "words: seizure, convulsion, fit", f"{_CTAS}: seizure, now alert",
            words=r"\bseizures?\b|\bconvuls\w+|\bfitting\b|抽搐"),
    RedFlag("syncope", 3, "Loss of consciousness", "words: syncope, passed out, loss of consciousness",
            f"{_CTAS}: syncope", words=r"\bsyncop\w+|loss of consciousness|passed out|blacked out|晕厥"),
    RedFlag("vomiting-blood", 2, "Vomiting blood", "words: haematemesis, vomiting blood", f"{_MTS}: vomiting blood",
            words=r"hematemesis|vomit\w* (?:of )?(?:fresh )?blood|blood\w* vomit\w*|呕血"),
    RedFlag("gut-bleeding", 3, "Bleeding from the bowel", "words: melaena, haematochezia, rectal bleeding",
            f"{_MTS}: passing blood",
            words=r"\bmel(?:a)?ena\b|hematochezia|rectal bleed\w*|black stools?|bloody stools?|便血"),
    RedFlag("coughing-blood", 3, "Coughing blood", "words: haemoptysis, coughing blood", f"{_CTAS}: haemoptysis",
            words=r"hemoptysis|cough\w* (?:up )?blood|咯血"),
    RedFlag("pregnancy", 2, "Pregnancy with bleeding, pain or seizure",
            "words: pregnant, and bleeding, abdominal pain, contractions or seizure", f"{_ESI}, level 2; {_MTS}",
            words=r"\bpregnan\w+|\bgravid\w*|weeks gestation|孕",
            when=lambda p: p.says(rf"{_BLEEDING}|abdominal (?:pain|cramp\w*)|contraction\w*|seizure|water broke|出血")),
    RedFlag("thunderclap", 2, "Sudden or worst headache", "words: sudden severe, thunderclap or worst headache",
            "Ottawa SAH rule; Perry et al. 2013",
            words=r"thunderclap|worst (?:\w+ )?headache|headache.*worst"
                  r"|sudden\w* (?:onset )?(?:of )?(?:a )?severe headache"),
    RedFlag("self-harm", 2, "Danger to self", "words: suicidal, self-harm, overdose, poisoning", f"{_ESI}, high risk",
            words=r"suicid\w+|self[- ]?harm|\boverdos\w*|\bpoison\w*|\bintoxication\b|wants to die|自杀|中毒"),
    RedFlag("neutropenic-fever", 2, "Fever under chemotherapy or after transplantation",
            "words: chemotherapy, neutropenia, transplant; temperature of 38 °C and more", f"{_ESI}, high risk",
            words=r"chemo\w*|neutropeni\w+|transplant\w*|immunosuppress\w+", when=out_of("temperature", high=38)),
    RedFlag("torsion", 2, "Testicular pain", "words: testicular or scrotal pain", f"{_ESI}, high risk: torsion",
            words=r"(?:testic\w+|scrotal|scrotum) (?:pain|swelling|torsion)|pain in (?:the )?testic\w+"),
    RedFlag("major-trauma", 2, "Major mechanism of injury",
            "words: gunshot, stabbed, ejected, amputation, fall from height, hit by a car", "ACS field triage 2021",
            words=r"gunshot|\bgsw\b|\bstab(?:bed| wound)|\bejected\b|\bamputat\w+"
                  r"|fall from (?:a )?(?:height|roof|ladder)"
                  r"|(?:hit|struck|run over) by (?:a )?(?:car|truck|vehicle)|pedestrian (?:struck|accident)|坠落"),
    RedFlag("chemical-eye", 2, "Chemical in the eye", "words: chemical, acid or alkali, and eye",
            f"{_MTS}: chemical eye injury",
            words=r"(?:chemical|acid|alkali|bleach)\w*.*\beyes?\b|\beyes?\b.*(?:chemical|acid|alkali|bleach)"),
    RedFlag("leaking-aneurysm", 2, "Possible aortic emergency", "words: aortic dissection or aneurysm, tearing pain",
            f"{_ESI}, high risk", words=r"aortic (?:dissection|aneurysm)|\btearing (?:\w+ )?pain"),
)  # fmt: skip
"""Vital signs first, then words."""
