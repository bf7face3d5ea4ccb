"""What to do about what is wrong: a table from reason to XFS4IoT error action and a sentence in both languages.

Actions, in XFS4IoT's words: `reset` a restart of the device may mend it; `clear` a person takes something away or
closes something; `configuration` a setting is wrong; `maintenance` supplies or a technician's visit; `suspend` let
nobody use it until it is looked at; `softwareError` the software.
"""

from collections.abc import Mapping
from typing import Final

from drivers.status import ErrorAction
from selftest.model import Advice, Words


def _advice(action: ErrorAction, id_: str, en: str) -> Advice:
    return Advice(action, Words(id_, en))


PLUG: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Periksa kabel data dan daya perangkat, lalu nama perangkat di konfigurasi.",
    "Check the device's data and power cables, then its name in the configuration.",
)
RESTART: Final = _advice(
    ErrorAction.RESET,
    "Matikan perangkat, tunggu sepuluh detik, nyalakan lagi.",
    "Switch the device off, wait ten seconds, switch it on again.",
)
SERVICE: Final = _advice(
    ErrorAction.RESET,
    "Layanan pembaca kartu (pcscd) tidak menjawab: jalankan ulang.",
    "The card reader service (pcscd) does not answer: restart it.",
)
LOOK: Final = _advice(
    ErrorAction.SUSPEND,
    "Jangan dipakai sebelum teknisi memeriksanya.",
    "Let nobody use it until a technician has looked.",
)
STATES: Final[Mapping[str, Advice]] = {
    "noDevice": PLUG,
    "powerOff": PLUG,
    "offline": RESTART,
    "starting": RESTART,
    "deviceBusy": RESTART,
    "hardwareError": RESTART,
    "userError": _advice(
        ErrorAction.CLEAR,
        "Tutup penutup perangkat dan bersihkan apa yang menghalangi.",
        "Close the device's cover and clear what is in the way.",
    ),
    "fraudAttempt": LOOK,
    "potentialFraud": LOOK,
}
"""By XFS4IoT device word."""

PAUSED: Final = _advice(
    ErrorAction.CLEAR,
    "Printer dijeda: tekan tombol lanjut pada printer.",
    "The printer is paused: press its resume button.",
)
JAM: Final = _advice(
    ErrorAction.CLEAR,
    "Buka printer, tarik kertas yang tersangkut searah jalannya, tutup lagi.",
    "Open the printer, pull the jammed paper out in the direction it runs, close it.",
)
PAPER_OUT: Final = _advice(ErrorAction.MAINTENANCE, "Kertas habis: isi kertas.", "Out of paper: load paper.")
PAPER_LOW: Final = _advice(
    ErrorAction.MAINTENANCE, "Kertas hampir habis: siapkan pengisian.", "Paper is low: load paper soon."
)
TONER_OUT: Final = _advice(ErrorAction.MAINTENANCE, "Toner habis: ganti toner.", "Out of toner: replace it.")
TONER_LOW: Final = _advice(
    ErrorAction.MAINTENANCE, "Toner hampir habis: siapkan penggantinya.", "Toner is low: have a new one ready."
)
COVER: Final = _advice(ErrorAction.CLEAR, "Tutup penutup printer.", "Close the printer's cover.")
CUTTER: Final = _advice(
    ErrorAction.CLEAR,
    "Pisau tersangkut: buka penutup, bebaskan pisau, tutup, lalu nyalakan ulang.",
    "The blade sticks: open the cover, free the blade, close it, switch off and on.",
)
NOT_PRINTED: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Halaman uji tidak keluar utuh: periksa kertas, jalur kertas dan kabel, lalu ulangi uji.",
    "The test page did not come out whole: check paper, paper path and cable, then test again.",
)

SAM_MISSING: Final = _advice(
    ErrorAction.MAINTENANCE,
    "SAM tidak ada atau longgar: pasang SAM di slotnya. Hanya petugas berwenang.",
    "The SAM is missing or loose: seat it in its slot. Authorised staff only.",
)
SAM_MUTE: Final = _advice(
    ErrorAction.RESET,
    "SAM tidak menjawab: cabut dan pasang lagi; bila tetap, ganti SAM.",
    "The SAM does not answer: take it out and put it back; if that does not help, replace it.",
)
SAM_SECRET: Final = _advice(
    ErrorAction.CONFIGURATION,
    "SAM menolak rahasianya: pasang rahasia milik SAM ini, lalu adm card sam-reset. Jangan mencoba-coba.",
    "The SAM refuses its secret: install this SAM's own, then adm card sam-reset. Do not guess, it locks.",
)
SAM_LOCKED: Final = _advice(
    ErrorAction.SUSPEND,
    "SAM terkunci: hentikan layanan dan minta SAM pengganti ke Dukcapil.",
    "The SAM is locked: stop service and ask Dukcapil for another.",
)
SAM_BUSY: Final = _advice(
    ErrorAction.RESET,
    "SAM dipakai program lain: tutup program itu, atau jalankan ulang pcscd.",
    "Another program holds the SAM: end it, or restart pcscd.",
)
SAM_NOT_CONFIGURED: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Konfigurasi tidak menyebut berkas rahasia SAM: isi sam_secret_file.",
    "The configuration names no secret for the SAM: set sam_secret_file.",
)
SAM_SECRET_MISSING: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Berkas rahasia SAM tidak ada atau rusak: pasang berkas 32 bita atau 64 angka heksadesimal, terbaca oleh kiosk.",
    "The SAM's secret file is missing or damaged: install 32 bytes or 64 hex digits, readable by the kiosk.",
)
CARD: Final = _advice(
    ErrorAction.CLEAR,
    "Kartu tidak terbaca: letakkan rata dan diam, coba kartu lain; bila tetap, bersihkan lalu periksa pembaca.",
    "The card was not read: lay it flat and still, try another; if it stays so, clean and then check the reader.",
)
HUNG: Final = _advice(
    ErrorAction.RESET,
    "Pembaca tidak kembali: ambil kartunya; bila tetap, cabut dan pasang lagi SAM, lalu pembacanya.",
    "The reader does not come back: take the card; if it stays so, reseat the SAM, then the reader's plug.",
)
BAD_CARD: Final = _advice(
    ErrorAction.SUSPEND,
    "Kartu uji bukan KTP-el asli: tahan kartu ini dan ulangi dengan kartu uji yang benar.",
    "The test card is not a genuine e-KTP: keep it back and repeat with the right test card.",
)

COVERED: Final = _advice(
    ErrorAction.CLEAR, "Lensa kamera tertutup: bersihkan lensa.", "The camera's lens is covered: clear it."
)
DARK: Final = _advice(
    ErrorAction.CLEAR, "Terlalu gelap: nyalakan lampu di depan mesin.", "Too dark: switch on the light."
)
BRIGHT: Final = _advice(
    ErrorAction.CLEAR,
    "Terlalu terang: jauhkan cahaya langsung dari kamera.",
    "Too bright: keep direct light off the camera.",
)
FROZEN: Final = _advice(
    ErrorAction.RESET,
    "Gambar kamera membeku: cabut dan pasang lagi kamera.",
    "The camera's picture is frozen: unplug it and plug it in again.",
)
SLOW: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Kamera lambat: pakai port USB langsung tanpa hub, periksa kabelnya.",
    "The camera is slow: use a USB port without a hub, check its cable.",
)
BLURRED: Final = _advice(
    ErrorAction.CLEAR, "Gambar kabur: lap lensa, periksa fokus.", "The picture is blurred: wipe the lens, check focus."
)
DAMAGED: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Gambar kamera rusak di jalan: ganti kabel kamera.",
    "The camera's pictures arrive damaged: replace its cable.",
)

NETWORK: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Server tidak terjangkau: periksa kabel jaringan, modem dan alamat server di konfigurasi.",
    "The registry cannot be reached: check network cable, modem and its address in the configuration.",
)
TLS: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Sambungan aman ditolak: periksa jam mesin, sertifikat mesin dan CA.",
    "The secure connection is refused: check the machine's clock, its certificate and the CA.",
)
CERTIFICATE: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Sertifikat mesin habis atau segera habis: perbarui sertifikat.",
    "The machine's certificate has expired or soon will: renew it.",
)
JOURNAL: Final = _advice(
    ErrorAction.SUSPEND,
    "Jurnal rusak atau diubah: hentikan layanan, jangan hapus apa pun, hubungi Dinas.",
    "The journal is damaged or was changed: stop service, delete nothing, call the Dinas.",
)
DISK: Final = _advice(
    ErrorAction.MAINTENANCE, "Disk hampir penuh: kosongkan ruang.", "The disk is nearly full: make room."
)
MEMORY: Final = _advice(
    ErrorAction.RESET, "Memori hampir habis: mulai ulang mesin.", "Memory is nearly used up: restart the machine."
)
HOT: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Mesin terlalu panas: bersihkan kipas dan lubang udara.",
    "The machine is too hot: clean its fan and vents.",
)

MODELS: Final = _advice(
    ErrorAction.SOFTWARE_ERROR,
    "Model wajah rusak atau bukan yang semestinya: pasang ulang perangkat lunak.",
    "The face models are damaged or not the right ones: install the software anew.",
)
BUSY: Final = _advice(
    ErrorAction.RESET,
    "Mesin terlalu lambat: tutup program lain, mulai ulang mesin.",
    "The machine is too slow: end other programs, restart the machine.",
)
CLOCK: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Jam mesin salah: periksa layanan waktu (NTP) dan baterai jam.",
    "The machine's clock is wrong: check its time service (NTP) and the clock's battery.",
)
DISK_HEALTH: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Disk melaporkan kerusakan atau terlalu panas: amankan jurnal, ganti disk.",
    "The disk reports damage or is too hot: keep the journal safe, replace the disk.",
)
UPS_LOST: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Catu daya cadangan tidak menjawab: periksa kabel USB-nya dan layanan NUT.",
    "The power supply does not answer: check its USB cable and the NUT service.",
)
UPS_MAINS: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Listrik padam atau steker lepas: mesin berjalan dari baterai.",
    "The mains are off or the plug is out: the machine runs on its battery.",
)
UPS_BATTERY: Final = _advice(
    ErrorAction.MAINTENANCE, "Baterai cadangan lemah: ganti baterainya.", "The battery is weak: replace it."
)
DOOR: Final = _advice(ErrorAction.CLEAR, "Pintu kabinet terbuka: tutup dan kunci.", "The cabinet is open: lock it.")
TAMPER: Final = _advice(
    ErrorAction.SUSPEND,
    "Kabinet dibuka paksa: hentikan layanan, hitung blangko, hubungi Dinas.",
    "The cabinet was forced: stop service, count the blanks, call the Dinas.",
)
CONTACT_LOST: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Kontak pintu tidak terbaca: periksa kabelnya dan konfigurasi.",
    "A door contact cannot be read: check its cable and the configuration.",
)
DISPLAY: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Layar rusak atau tidak tersambung: periksa kabelnya, lalu ganti layar.",
    "The display is faulty or not connected: check its cable, then replace it.",
)
TOUCH: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Sebagian layar tidak menanggapi sentuhan: bersihkan, cabut dan pasang kabel sentuh; bila tetap, ganti.",
    "A part of the screen takes no touch: clean it, replug its touch cable; if it stays so, replace it.",
)
SOUND: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Suara tidak terdengar: periksa pengeras suara dan kabelnya.",
    "No sound is heard: check loudspeaker and cable.",
)
LATENCY: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Gambar kamera terlambat di layar: pakai port USB lain, mulai ulang mesin.",
    "The camera's picture is late on the display: use another USB port, restart the machine.",
)
HOPPER: Final = _advice(
    ErrorAction.MAINTENANCE, "Baki kertas kosong atau hampir kosong: isi.", "The tray is empty or nearly so: fill it."
)
BIN: Final = _advice(
    ErrorAction.CLEAR,
    "Tempat buangan penuh: kosongkan, hancurkan isinya, catat.",
    "The reject bin is full: empty it, destroy what is in it, record it.",
)
PATH: Final = _advice(
    ErrorAction.CLEAR,
    "Ada lembar di jalur kertas: bersihkan lewat menu teknisi.",
    "A sheet lies in the paper path: clear it by the technician's menu.",
)
FEED: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Pengumpan tidak menarik lembar sebagaimana mestinya: bersihkan rol, periksa kertas.",
    "The feeder does not move sheets as it should: clean its rollers, check the paper.",
)
SENSOR: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Sensor jalur kertas tidak melihat lembar dengan benar: bersihkan sensor yang disebut, periksa kabelnya.",
    "A sensor in the paper path does not see sheets rightly: clean the one that is named, check its cable.",
)
BLANKS: Final = _advice(
    ErrorAction.MAINTENANCE, "Kartu kosong habis: isi, dua orang.", "Out of blank cards: load some, two people."
)
RIBBON: Final = _advice(ErrorAction.MAINTENANCE, "Pita habis: ganti pita.", "Out of ribbon: replace it.")
RIBBON_LOW: Final = _advice(ErrorAction.MAINTENANCE, "Pita hampir habis.", "The ribbon is nearly used up.")
CLEANING: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Printer kartu minta dibersihkan: pakai kartu pembersih.",
    "The card printer asks to be cleaned: use a cleaning card.",
)
COOL: Final = _advice(
    ErrorAction.RESET, "Kepala cetak terlalu panas: tunggu lima belas menit.", "The print head is hot: wait 15 minutes."
)
STRANGER: Final = _advice(
    ErrorAction.CONFIGURATION,
    "Nomor seri perangkat berubah: terima pengganti di menu teknisi, atau pasang yang lama.",
    "The device has another serial number: accept it in the technician's menu, or put the old one back.",
)
CARD_JAM: Final = _advice(
    ErrorAction.CLEAR,
    "Kartu tertinggal di dalam printer kartu: buka, keluarkan, tutup (menu teknisi: bersihkan macet), catat kartunya.",
    "A card is stuck in the card printer: open it, take the card out, close it (menu: clear a jam), record the card.",
)
FEED_CARD: Final = _advice(
    ErrorAction.CLEAR,
    "Kartu uji tidak tertarik: letakkan di celah manual sampai terasa tertahan, bersihkan rol, ulangi.",
    "The test card was not drawn in: put it into the manual slot up to the stop, clean the rollers, repeat.",
)
SAME_CARD: Final = _advice(
    ErrorAction.CLEAR,
    "Kartu di pembaca bukan kartu uji yang baru ditulis: ulangi dengan kartu yang keluar dari printer.",
    "The card on the reader is not the test card just written: repeat with the one that came out of the printer.",
)
CARD_STUCK: Final = _advice(
    ErrorAction.CLEAR,
    "Kartu uji tidak tercetak utuh: bersihkan jalur kartu lewat menu teknisi, periksa pita dan kartunya, ulangi.",
    "The test card did not come out whole: clear the card path by the menu, check ribbon and blanks, repeat.",
)
ENCODER: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Penulis chip tidak siap: periksa kabel USB printer kartu dan pcscd.",
    "The encoder is not ready: check the card printer's USB cable and pcscd.",
)
TEST_BLANK: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Kartu uji tidak dapat ditulis dan dibaca ulang: coba kartu uji lain; bila tetap, servis penulis chip.",
    "The test card cannot be written and read again: try another; if it stays so, service the encoder.",
)
SEEN: Final = _advice(
    ErrorAction.MAINTENANCE,
    "Cetakan uji tidak terbaca kamera: periksa tinta, kepala cetak dan letak kertas.",
    "The test print is not read by the camera: check ink, print head and how the paper lies.",
)


def of_state(state: str) -> Advice:
    """For a device that is not online; one that says a word nobody knows is looked at."""
    return STATES.get(state, LOOK)
