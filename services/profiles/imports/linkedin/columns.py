"""What the columns of `Connections.csv` are called, in the languages in which exports come."""

from services.profiles.imports.columns import key

_NAMES = {
    "first_name": (
        "first name; firstname; given name; vorname; prénom; nombre; nome; voornaam; imię; имя; 名; 名字; 이름"
    ),
    "last_name": (
        "last name; lastname; surname; family name; nachname; familienname; nom; nom de famille; apellido; apellidos; "
        "sobrenome; apelido; cognome; achternaam; nazwisko; фамилия; 姓; 姓氏; 성"
    ),
    "name": (
        "name; full name; vollständiger name; nom complet; nombre completo; nome completo; volledige naam; naam; "
        "imię i nazwisko; полное имя; фио; имя и фамилия; 氏名; 姓名; 성명"
    ),
    "url": (
        "url; profile url; linkedin url; profil url; profillink; url du profil; url del perfil; url do perfil; "
        "url del profilo; url profilo; profiel url; adres url; adres url profilu; url профиля; ссылка; "
        "プロフィールurl; プロフィールのurl; 个人资料网址; 个人资料链接; 链接; 網址; 프로필 url"
    ),
    "email": (
        "email address; e mail address; email; e mail; e mail adresse; email adresse; adresse e mail; adresse email; "
        "courriel; correo electrónico; dirección de correo electrónico; correo; endereço de e mail; endereço de email; "
        "indirizzo e mail; indirizzo email; e mailadres; emailadres; adres e mail; adres email; "
        "адрес электронной почты; электронная почта; эл почта; メールアドレス; eメールアドレス; メール; "
        "电子邮件地址; 电子邮件; 电子邮箱; 邮箱; 電子郵件地址; 電子郵件; 이메일 주소; 이메일"
    ),
    "company": (
        "company; organization; organisation; unternehmen; firma; entreprise; société; empresa; compañía; companhia; "
        "azienda; società; bedrijf; organisatie; компания; организация; 会社; 会社名; 勤務先; 公司; 회사; 회사명"
    ),
    "position": (
        "position; job title; title; stelle; jobtitel; jobbezeichnung; poste; fonction; intitulé du poste; cargo; "
        "puesto; posición; posizione; qualifica; posição; functie; functietitel; stanowisko; должность; "
        "役職; 職位; 职位; 직책; 직위"
    ),
    "connected_on": (
        "connected on; connected; verbunden am; vernetzt am; kontakt seit; date de connexion; connecté le; "
        "en relation depuis; en relation depuis le; conectado el; fecha de conexión; conectado em; data da conexão; "
        "data de conexão; conexão em; data di collegamento; collegato il; collegati dal; data collegamento; "
        "verbonden op; verbonden sinds; data połączenia; połączono; data nawiązania kontaktu; дата добавления; "
        "дата контакта; дата установления контакта; в контактах; つながった日; つながった日付; 接続日; "
        "建立联系日期; 建立联系时间; 添加时间; 建立關係日期; 建立聯絡日期; "
        "1촌 맺은 날짜; 1촌 맺은 날; 연결 날짜; 연결된 날짜; 연결일"
    ),
}


COLUMNS = {key(name): field for field, names in _NAMES.items() for name in names.split(";")}
