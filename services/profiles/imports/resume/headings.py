"""What the parts of a résumé are called, in the languages in which files come. Pure."""

import re
from typing import Literal

from services.profiles.imports.months import fold

Kind = Literal["head", "contact", "work", "skills", "education", "text", "ignored"]
"""What stands under a heading. "head": under none; "text": prose, in which skills are named; "ignored": nothing that a
profile has."""

_NAMES: dict[Kind, str] = {
    "work": (
        "experience; work experience; professional experience; working experience; relevant experience; "
        "employment; employment history; work history; career; career history; professional background; positions; "
        "career summary; work; jobs; freelance; "
        "berufserfahrung; beruflicher werdegang; werdegang; berufspraxis; praktische erfahrung; arbeitserfahrung; "
        "beruflicher lebenslauf; praktika; berufstatigkeit; "
        "experience professionnelle; experiences professionnelles; experiences; parcours professionnel; emplois; "
        "experiencia; experiencia profesional; experiencia laboral; trayectoria profesional; historial laboral; "
        "experiencia profissional; experiencias profissionais; historico profissional; percurso profissional; "
        "esperienza; esperienze; esperienza lavorativa; esperienze lavorative; esperienza professionale; "
        "esperienze professionali; "
        "werkervaring; ervaring; loopbaan; arbeidsverleden; "
        "doswiadczenie; doswiadczenie zawodowe; przebieg kariery; historia zatrudnienia; "
        "опыт работы; опыт; трудовая деятельность; профессиональный опыт; "
        "職歴; 職務経歴; 職務経歴書; 経歴; 工作经历; 工作經歷; 工作经验; 工作經驗; 职业经历; 경력; 경력사항; 경력 사항"
    ),
    "skills": (
        "skills; technical skills; key skills; core skills; professional skills; hard skills; skill set; skillset; "
        "top skills; skills and tools; tools; technologies; tech stack; core competencies; competencies; expertise; "
        "areas of expertise; technical expertise; soft skills; skills and technologies; programming languages; "
        "kenntnisse; fahigkeiten; kenntnisse und fahigkeiten; fachkenntnisse; it-kenntnisse; edv-kenntnisse; "
        "kompetenzen; technologien; besondere kenntnisse; qualifikationen; "
        "competences; competences techniques; savoir-faire; outils; technologies maitrisees; "
        "habilidades; competencias; aptitudes; conocimientos; conocimientos tecnicos; habilidades tecnicas; "
        "competencias tecnicas; tecnologias; conhecimentos; conhecimentos tecnicos; "
        "competenze; competenze tecniche; capacita; competenze informatiche; competenze digitali; tecnologie; "
        "vaardigheden; competenties; technische vaardigheden; kennis; "
        "umiejetnosci; kompetencje; umiejetnosci techniczne; technologie; "
        "навыки; ключевые навыки; профессиональные навыки; технологии; "
        "スキル; 技能; 技術; 保有スキル; 专业技能; 專業技能; 기술; 보유 기술; 기술 스택"
    ),
    "education": (
        "education; academic background; academic history; education and training; studies; qualifications; "
        "ausbildung; bildung; studium; schulbildung; bildungsweg; akademischer werdegang; schule; "
        "formation; formations; etudes; diplomes; parcours scolaire; "
        "educacion; formacion; formacion academica; estudios; educacao; formacao; formacao academica; "
        "istruzione; istruzione e formazione; formazione; studi; titoli di studio; "
        "opleiding; opleidingen; onderwijs; wyksztalcenie; edukacja; образование; "
        "学歴; 教育经历; 教育背景; 教育經歷; 学历; 학력; 학력사항"
    ),
    "text": (
        "summary; profile; about; about me; professional summary; executive summary; objective; career objective; "
        "personal statement; introduction; highlights; projects; personal projects; key projects; side projects; "
        "open source; achievements; volunteering; volunteer experience; "
        "profil; uber mich; kurzprofil; zusammenfassung; projekte; ehrenamt; "
        "a propos; resume; projets; benevolat; "
        "perfil; perfil profesional; resumen; sobre mi; proyectos; voluntariado; resumo; sobre mim; projetos; "
        "objetivo; "
        "profilo; profilo personale; chi sono; progetti; obiettivo; "
        "profiel; over mij; projecten; o mnie; podsumowanie; podsumowanie zawodowe; projekty; "
        "обо мне; о себе; проекты; цель; "  # noqa: RUF001 - Russian
        "自己pr; 自己紹介; 職務要約; 自我评价; 个人简介; 項目經驗; 项目经验; 项目经历; "
        "자기소개; 프로젝트"
    ),
    "contact": (
        "contact; contacts; contact details; contact information; personal details; personal information; address; "
        "links; profiles; personal data; kontakt; personliche daten; coordonnees; datos personales; contacto; contato; "
        "dados pessoais; contatti; dati personali; informazioni personali; personalia; persoonlijke gegevens; "
        "dane osobowe; контакты; личные данные; 連絡先; 联系方式; 연락처"
    ),
    "ignored": (
        "languages; interests; hobbies; references; referees; publications; awards; honors; "
        "honors and awards; honours; patents; presentations; talks; certificates; certifications; "
        "licenses and certifications; courses; memberships; extracurricular activity; extracurricular activities; "
        "program committees; writing; activities; leadership; affiliations; "
        "sprachen; sprachkenntnisse; interessen; referenzen; zertifikate; "
        "weiterbildung; weiterbildungen; auszeichnungen; veroffentlichungen; freizeit; "
        "langues; centres d'interet; loisirs; references; certifications; publications; divers; "
        "idiomas; intereses; aficiones; referencias; certificados; certificaciones; "
        "cursos; interesses; certificacoes; publicacoes; "
        "lingue; interessi; certificazioni; pubblicazioni; "
        "talen; interesses; referenties; certificaten; cursussen; "
        "jezyki; jezyki obce; zainteresowania; certyfikaty; kursy; "
        "языки; интересы; хобби; сертификаты; курсы; достижения; "
        "資格; 免許 資格; 免許・資格; 語学; 趣味; 语言; 兴趣爱好; 证书; 荣誉奖项; 자격증; 어학; 수상"
    ),
}
_LONGEST = 5
_LETTERS_APART = re.compile(r"(?:\w\s){3,}\w")
_AND = re.compile(r" (?:and|und|et|y|e|en|i|и) ")
_AROUND = " \t:.-\u2013\u2014*#|_/\u2022\u00b7\u25cf\u25a0>"


def _key(text: str) -> str:
    words = fold(text).replace("&", " and ").strip(_AROUND)
    return " ".join(words.split())


_KINDS: dict[str, Kind] = {_key(name): kind for kind, names in _NAMES.items() for name in names.split(";")}


def heading(line: str) -> Kind | None:
    """What stands under this line, if it is a heading: a known one, or two known ones joined by "and"."""
    text = line.strip(_AROUND)
    if _LETTERS_APART.fullmatch(text):
        text = text.replace(" ", "")
    if not text or len(text.split()) > _LONGEST:
        return None
    key = _key(text)
    first = _AND.split(key)[0]
    return _KINDS.get(key) or (_KINDS.get(first) if first != key else None)


def labelled(line: str) -> tuple[Kind, str] | None:
    """The kind and the rest of a line that begins with a heading: "Skills: Python, SQL"."""
    label, mark, rest = line.partition(":")
    kind = heading(label) if mark and rest.strip() else None
    return (kind, rest.strip()) if kind else None
