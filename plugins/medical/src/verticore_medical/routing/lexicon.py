"""Words by which a record tells which part of medicine it is about: stems, at the beginning of a word, by system."""

from __future__ import annotations

import re
from collections.abc import Mapping

STEMS: Mapping[str, str] = {
    "heart_and_vessels": (
        "angina angioplast antihypertens aort arrhythm arter atheroscl atrial beta-block  "
        "bradycard captopril cardi catheteri cholester claudicat coronary defibrillat digoxin ductus ecg "
        "echocardiog edema ejection electrocardiog embol enalapril endocard fibrillation fontan haemodynam "
        "hemodynam hypertens infarct ischaem ischem lipid lipoprotein mitral myocard nitrate oedema pacemaker "
        "palpitation pericard septal shock statin stenos tachycard tetralogy thrombo valv varicos vascular vein "
        "venous ventric"
    ),
    "nervous_system": (
        "alzheimer amyotroph aphasi ataxi axon ganglia brain carpal cerebell cerebr cns cogniti "
        "coma consciousness cortex cortical csf dementia dopamin dyskines dystoni eeg electroencephal encephal "
        "epilep gait guillain headache hemipar hemipleg huntington hydroceph hypothalam intracranial levodopa "
        "memory mening migraine myasthen myel nerve neuro neuropath numbness optic palsy paralys paresis parkinson "
        "radiculopath sclerosis seizure sensory spinal stroke subarachnoid syncop tingling tremor "
        ""
    ),
    "digestive_system": (
        "abdom anal anus append ascit bile biliary bilirubin bowel celiac chol cirrho coeliac colic colit colon "
        "colono constipat crohn diarrh digest duoden dyspeps dysphag endoscop enteral esophag faecal fecal "
        "gallbladder gallstone gastr helicobacter hepat hernia ileal ileo ileum intestin jaundice jejun liver "
        "melena nausea oesophag pancrea periton portal pylori rectal rectum reflux sclerotherap stomach stool "
        "swallow ulcer varic vomit"
    ),
    "growths": (
        "adenocarcin adenoma aneuploid astrocyt axillary biops blastoma breast cancer carcin "
        "intraepithelial chemotherap cisplatin cyclophosph cytolog doxorubicin dysplas fluorouracil "
        "glioma hodgkin immunohistoch interferon irradiat leuk lump lumpect lymphoma malignan mass mastect "
        "melanoma metasta methotrexate myeloma neoplas nodal oncogen oncolog papillom ploidy polyp prostat "
        "radiother recurren relapse remission sarcoma squamous stage staging survival tamoxifen tumor tumour"
    ),
    "airways": (
        "airway apnea apnoea asthma breathless bronch copd cough  dyspn emphysema fev hypox inhal "
        "lung oxygen pleura pneumon pulmon respirat spirometr sputum trache ventilat wheez"
    ),
    "kidney_and_bladder": (
        "bladder catheter creatinin cystoscop dialys glomerul haematur hematur hemodialys incontinen kidney "
        "lithotrip nephr prostat proteinur renal testic uremi ureter urethr urin"
    ),
    "hormones_and_metabolism": (
        "acromegal adrenal calcium cortisol cushing diabet glucose glycaemi glycemi  hba1c hormon "
        "hyperthyro hypothyro insulin metabol obes osteopor parathyro pituit thyro thyroid vitamin"
    ),
    "infections": (
        "abscess aids antibiot antimicrob antiviral bacter candid fever fung herpes hiv infect malari microbi "
        "parasit pathogen sepsis septic staphyloc streptoc tubercul vaccin viral virus zidovudin"
    ),
    "bones_and_joints": (
        "ankle arthr back bone cartilag femor fractur graft hip joint knee ligament lumbar lupus meniscus "
        "muscle musculo orthop osteo rheumat sciatica shoulder spine tendon tibia vertebr wrist"
    ),
    "skin": "skin derm cutane rash psoria eczema acne mole wart itch prurit burn wound lesion keratos hair nail",
    "women_and_birth": (
        "caesarean cervical cervix cesarean contracept delivery estrogen fetal fetus foetal gyn labor labour "
        "menopaus menstr obstetr ovar period placent postpartum pregnan preterm uter vagin"
    ),
    "children": "infant child pediatr paediatr neonat newborn birth congenital  school toddler",
    "mind": (
        "alcohol anxi bipolar cocaine depress abuse hallucin insomn mania mental mood panic psych schizo sleep suicid"
    ),
    "eyes": "eye ocul ophthalm retin cornea glaucom cataract vision visual lens uveit macula intraocular",
    "ears_nose_throat": (
        "cochlea deaf ear hearing hoarse laryn nasal nose otitis pharyn sinus snor throat tinnit tonsil tympan vertigo"
    ),
    "blood_and_immunity": (
        "allerg anaemi anemi antibod autoimmun bleed coagul haemoglob hemoglob hemophil immun iron lymphocyt "
        "marrow neutrop platelet sickle thrombocytop transfus transplant"
    ),
    "injury_and_surgery": (
        "accident anaesthe anesthe complicat emergency flap injur laparoscop operat postoperat preoperat "
        "reconstruct resuscitat surg suture trauma wound"
    ),
}
"""System → beginnings of words, divided by blanks."""

_BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    stem: tuple(system for system, stems in STEMS.items() if stem in stems.split())
    for stem in {stem for stems in STEMS.values() for stem in stems.split()}
}
_LENGTHS = sorted({len(stem) for stem in _BEGINNINGS})
_WORD = re.compile(r"[a-z][a-z\d-]+")


def count_stems(text: str) -> dict[str, int]:
    """Return how many words of ``text`` begin with a stem of each system."""
    counts = dict.fromkeys(STEMS, 0)
    for word in _WORD.findall(text.lower()):
        systems = {system for length in _LENGTHS for system in _BEGINNINGS.get(word[:length], ())}
        for system in systems:
            counts[system] += 1
    return counts
