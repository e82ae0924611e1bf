"""LinkedIn's export as people download it, made in a test; all people are invented."""

import io
import zipfile

CONNECTIONS = (
    "Notes:\n"
    '"When exporting your connection data, you may notice that some emails, ""companies"" and more are missing."\n'
    "\n"
    "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
    "Ana,Silva,https://www.linkedin.com/in/ana-silva,,Initech,Engineer,01 Jan 2024\n"
    "Bo,Li,https://www.linkedin.com/in/bo-li,,Globex,Designer,15 Mar 2021\n"
)
MESSAGE_COLUMNS = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER,"
    "ATTACHMENTS,IS MESSAGE DRAFT"
)
ME, ANA, EVE = (f"https://www.linkedin.com/in/{name}" for name in ("dana-okafor", "ana-silva", "eve-stone"))
NAMES = {ME: "Dana Okafor", ANA: "Ana Silva", EVE: "Eve Stone"}
PROFILE = {
    "Profile.csv": (
        "First Name,Last Name,Maiden Name,Headline,Summary,Geo Location\n"
        'Dana,Okafor,,Engineer at Initech,Hello,"Lisbon, Portugal"\n'
    ),
    "Positions.csv": (
        "Company Name,Title,Description,Location,Started On,Finished On\n"
        'Initech,Engineer,"Builds, and\nmore",Lisbon,Mar 2020,\n'
        "Globex,Intern,,,2018,Sometime\n"
        ",Volunteer,,,,\n"
    ),
    "Skills.csv": "Name\nPython\npython\nC/C++\n",
    "Education.csv": "School Name,Start Date,End Date,Notes,Degree Name,Activities\nU of Lisbon,2014,2018,,BSc,\n",
}


def message(sender: str, *receivers: str, day: str = "2026-01-05 10:00:00 UTC", folder: str = "INBOX",
            draft: str = "", content: str = "hello") -> str:  # fmt: skip
    to = '"' + ", ".join(NAMES[one] for one in receivers) + '"'
    links = '"' + ",".join(receivers) + '"'
    return f'c1,,{NAMES[sender]},{sender},{to},{links},{day},,"{content}",{folder},,{draft}'


def messages(*rows: str) -> str:
    return "\n".join([MESSAGE_COLUMNS, *rows, ""])


def packed(parts: dict[str, str | bytes], folder: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(folder + name, text)
    return made.getvalue()
