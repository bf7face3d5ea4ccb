"""What the daemon itself says on a technician's screens, in both languages; everything else the screens word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

_DEVICES: Final[Mapping[str, tuple[str, str]]] = {
    "card_reader": ("Pembaca kartu", "Card reader"),
    "sam": ("SAM", "SAM"),
    "camera": ("Kamera", "Camera"),
    "face": ("Pengenalan wajah", "Face recognition"),
    "card_printer": ("Printer KTP-el", "KTP-el printer"),
    "card_encoder": ("Penulis chip", "Chip encoder"),
    "kia_printer": ("Printer KIA", "KIA printer"),
    "document_printer": ("Printer A4", "A4 printer"),
    "receipt_printer": ("Printer struk", "Receipt printer"),
    "paper_feeder": ("Pengumpan kertas", "Paper feeder"),
}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "ill": ("{count} layanan tertutup. {reason}", "{count} services are closed. {reason}"),
    "no_journal": (
        "Jurnal tidak dapat dipakai. Periksa dan ekspor saja; tindakan Anda dicatat terpisah.",
        "The journal cannot be used. Look and export only; what you do is noted apart.",
    ),
    "why": ("{device}: {reason}.", "{device}: {reason}."),
    "why_until": ("{device}: {reason}, sampai {until}.", "{device}: {reason}, until {until}."),
    "why_unsettled": ("ada hasil cetak yang belum pasti", "a print of unknown outcome"),
    "why_out": ("kertas atau tinta habis", "paper or toner has run out"),
    "why_bin=full": ("tempat buangan penuh", "the bin is full"),
    "why_printer": ("printer bermasalah", "the printer has a fault"),
    "why_cover": ("penutup terbuka", "the cover is open"),
    "why_cardInside": ("ada kartu di dalam", "a card is inside"),
    "why_blanks": ("blangko habis", "no blanks are left"),
    "why_ribbon": ("pita cetak habis", "the ribbon is used up"),
    "why_rejectBin": ("tempat kartu tolakan penuh", "the reject bin is full"),
    "why_cleaning": ("perlu dibersihkan", "needs cleaning"),
    "why_headHot": ("kepala cetak panas", "the print head is hot"),
    "why_dailyLimit": ("batas kartu sehari tercapai", "the day's cards are made"),
    "why_burstLimit": ("batas kartu beruntun tercapai", "too many cards in a short time"),
    "why_registry": ("Server Dukcapil tidak tersambung.", "The civil registry cannot be reached."),
    "why_journal": ("Jurnal tidak menerima pekerjaan baru.", "The journal takes no new work."),
    "why_stock": ("Buku persediaan menutupnya: hitung blangko.", "The books close it: count the blanks."),
    "why_selftest": ("Uji mandiri gagal: {reason}", "The self-test failed: {reason}"),
    "why_machine": ("Mesin sedang mulai.", "The machine is starting."),
    "sheets": ("{count} lembar", "{count} sheets"),
    "cards": ("{count} kartu", "{count} cards"),
    "not_here": ("tidak ada di mesin ini", "not on this machine"),
    "not_set_up": ("belum diatur di konfigurasi", "not set up in the configuration"),
    "none_open": ("tidak ada", "none"),
    "open": ("{count} perlu diselesaikan", "{count} to settle"),
    "no_full_test": ("belum pernah", "never done"),
    "old_full_test": ("terakhir {days} hari lalu", "last {days} days ago"),
    "state_starting": ("sedang mulai", "starting"),
    "state_online": ("siap", "ready"),
    "state_deviceBusy": ("sedang bekerja", "at work"),
    "state_offline": ("tidak menjawab", "does not answer"),
    "state_powerOff": ("mati", "switched off"),
    "state_noDevice": ("tidak terpasang", "not plugged in"),
    "state_hardwareError": ("rusak", "faulty"),
    "state_userError": ("perlu tangan: penutup, kertas atau kartu", "needs a hand: cover, paper or card"),
    "state_fraudAttempt": ("percobaan penipuan", "attempted fraud"),
    "state_potentialFraud": ("mungkin penipuan", "possible fraud"),
    "jammed": ("macet", "jammed"),
    "serial_unknown": (
        "Perangkat ini tidak memberi tahu nomor serinya: tidak ada yang diterima.",
        "This device does not tell its serial number: nothing was accepted.",
    ),
    "well": ("baik", "well"),
    "level_quick": ("cepat", "quick"),
    "level_full": ("lengkap", "full"),
    "level_endurance": ("ketahanan", "endurance"),
    "ill_report": ("{count} gagal", "{count} failed"),
    # jams
    "open_cover": ("Buka penutup printer.", "Open the printer's cover."),
    "pull_out": (
        "Tarik kertas yang tersangkut keluar, searah jalannya kertas.",
        "Pull the jammed paper out, in the direction it runs.",
    ),
    "open_feeder": ("Buka pintu pengumpan kertas.", "Open the paper feeder's door."),
    "close_feeder": ("Tutup pintu pengumpan.", "Close the feeder's door."),
    "close_cover": ("Tutup penutup.", "Close the cover."),
    "let_it_try": (
        "Sentuh Coba Sendiri: mesin menarik lembar ke tempat buangan.",
        "Touch Try: the machine draws the sheet into its bin.",
    ),
    "empty_bin": (
        "Kosongkan tempat buangan; hancurkan yang ada di situ.",
        "Empty the bin; destroy what lies in it.",
    ),
    "pull_card": (
        "Buka penutup, tarik kartu keluar, tutup lagi. Kartu itu jangan dipakai.",
        "Open the cover, pull the card out, close it. Do not use that card.",
    ),
    "sensor_throat": ("Tenggorokan (S3)", "Throat (S3)"),
    "sensor_entry": ("Masuk printer (S4)", "Printer entry (S4)"),
    "sensor_exit": ("Keluar printer (S5)", "Printer exit (S5)"),
    "sensor_transport": ("Jalur angkut (S6)", "Transport (S6)"),
    "sensor_gate": ("Mulut keluar (S7)", "Gate (S7)"),
    "sensor_media": ("Jalur kertas", "Paper path"),
    "sensor_cover": ("Penutup", "Cover"),
    "sensor_bin": ("Tempat buangan", "Bin"),
    # settling
    "known_printing": (
        "Dokumen dikirim ke printer, jawabannya hilang. Mungkin sudah tercetak.",
        "The document was sent to the printer and the answer was lost. It may have been printed.",
    ),
    "known_printed": (
        "Dokumen tercetak. Tidak diketahui apakah sudah diambil.",
        "The document was printed. Whether it was taken is not known.",
    ),
    "known_presented": (
        "Dokumen sudah keluar. Tidak diketahui apakah sudah diambil.",
        "The document had come out. Whether it was taken is not known.",
    ),
    "known_inside": (
        "Kartu berada di dalam mesin atau di tempat buangan.",
        "The card is inside the machine or in its reject bin.",
    ),
    # tasks
    "align_page_ask": (
        "Satu halaman uji akan dicetak. Tanda silang harus 10 mm dari tiap tepi (±2 mm).",
        "One test page will be printed. Its crosses shall be 10 mm from each edge (±2 mm).",
    ),
    "align_page_look": (
        "Ukur: apakah keempat tanda silang 10 mm dari tepi (±2 mm)?",
        "Measure: are all four crosses 10 mm from the edges (±2 mm)?",
    ),
    "align_card_ask": (
        "Masukkan satu kartu uji kosong ke celah manual printer. Kartu dengan bingkai akan dicetak.",
        "Put one blank test card into the printer's manual slot. A card with a frame will be printed.",
    ),
    "align_card_look": (
        "Ukur: apakah bingkai 5 mm dari tiap tepi?",
        "Measure: is the frame 5 mm from each edge?",
    ),
    "align_page_off": (
        "Atur pembatas kertas di baki atau pengumpan, lalu cetak lagi. Bila tetap miring, minta perawatan printer.",
        "Set the paper guides of the tray or feeder and print again. If it stays askew, have the printer serviced.",
    ),
    "align_card_off": (
        "Geser cetakan dengan perintah adm card-printer align, lalu cetak lagi.",
        "Move the print with the command adm card-printer align, then print again.",
    ),
    "aligned": ("Letak cetakan benar.", "The print lies as it should."),
    "clean_card_printer": (
        "Masukkan kartu pembersih ke printer, lalu lanjutkan.",
        "Put the cleaning card into the printer, then go on.",
    ),
    "clean_camera": (
        "Lap lensa kamera dengan kain mikrofiber kering.",
        "Wipe the camera's lens with a dry microfibre cloth.",
    ),
    "clean_card_reader": ("Lap permukaan pembaca dengan kain lembap.", "Wipe the reader's surface with a damp cloth."),
    "clean_other": (
        "Matikan printer, buang serpihan kertas, lap rolnya dengan kain lembap.",
        "Switch the printer off, take out scraps of paper, wipe its rollers with a damp cloth.",
    ),
    "cleaned": ("Dicatat: sudah dibersihkan.", "Recorded: it was cleaned."),
    "replace_ask": (
        "Terima perangkat ini sebagai pengganti yang lama?",
        "Accept this device in the place of the old one?",
    ),
    "replaced": ("Perangkat baru diterima.", "The new device is accepted."),
    "replace_same": ("Perangkat ini sudah dikenal.", "This device is known already."),
    "old_serial": ("Nomor seri lama", "Old serial number"),
    "new_serial": ("Nomor seri baru", "New serial number"),
    "model": ("Model", "Model"),
    "firmware": ("Firmware", "Firmware"),
    "export_ask": (
        "Pasang stik USB. Catatan mesin ditulis terenkripsi untuk Dinas, tanpa data penduduk.",
        "Plug in a USB stick. The machine's logs are written encrypted for the Dinas, without residents' data.",
    ),
    "no_stick": ("Tidak ada stik USB. Pasang lalu coba lagi.", "There is no USB stick. Plug one in and try again."),
    "exported": ("Tersimpan di stik. Stik boleh dicabut.", "Saved on the stick. You may unplug it."),
    "file": ("Berkas", "File"),
    "bytes": ("Ukuran", "Size"),
    "restart_ask": ("Mesin dimulai ulang. Layanan berhenti sebentar.", "The machine restarts. Service stops a while."),
    "shut_down_ask": (
        "Mesin dimatikan. Untuk menyalakan, tekan tombol daya di dalam kabinet.",
        "The machine shuts down. To switch it on, press the power button inside the cabinet.",
    ),
    "working": ("Sebentar…", "One moment…"),
    "failed": ("Tidak berhasil: {reason}", "It did not work: {reason}"),
    "journal_refuses": (
        "Jurnal tidak dapat ditulis; tidak ada yang diubah.",
        "The journal cannot be written; nothing was changed.",
    ),
    "in_session": ("Tunggu sampai layanan selesai.", "Wait until service has ended."),
    "roll_ask": (
        "Buka penutup printer struk, pasang gulungan baru, tutup lagi, lalu lanjutkan.",
        "Open the receipt printer, put the new roll in, close it, then go on.",
    ),
    "roll_missing": ("Printer masih mengatakan kertas habis.", "The printer still says that it has no paper."),
    "roll_loaded": ("Gulungan struk terpasang.", "The receipt roll is in."),
    "display_ok": ("Layar baik.", "The display is well."),
    "display_bad": ("Layar bermasalah: minta penggantian.", "The display has a fault: ask for another one."),
    "touch_ok": ("Seluruh layar menanggapi sentuhan.", "The whole screen takes touches."),
    "touch_bad": (
        "{count} bagian layar tidak menanggapi sentuhan: bersihkan layar, lalu ulangi.",
        "{count} parts of the screen take no touch: clean the screen and repeat.",
    ),
}


def say(key: str, language: pb.Language.ValueType, **values: object) -> str:
    """One text in a language; Indonesian unless English is asked for."""
    return _of(_WORDS[key], language).format(**values)


def device(name: str, language: pb.Language.ValueType) -> str:
    """What a device is called."""
    return _of(_DEVICES.get(name, (name, name)), language)


def state(word: str, language: pb.Language.ValueType) -> str:
    """An XFS4IoT device word, for people."""
    return say(f"state_{word}", language) if f"state_{word}" in _WORDS else word


def why(reason: str, language: pb.Language.ValueType) -> str:
    """Why a service is closed: `fleet.health`'s key words as a sentence; words not known here stay as they are."""
    where, _, rest = reason.partition(":")
    if f"why_{where}" in _WORDS:
        return say(f"why_{where}", language, reason=rest)
    words, _, until = rest.partition(" until ")
    told = ", ".join(
        say(f"why_{word}", language) if f"why_{word}" in _WORDS else _seen(word, language) for word in words.split(",")
    )
    if not until:
        return say("why", language, device=device(where, language), reason=told)
    at = datetime.fromisoformat(until).astimezone().strftime("%d-%m %H:%M")
    return say("why_until", language, device=device(where, language), reason=told, until=at)


def _seen(word: str, language: pb.Language.ValueType) -> str:
    return say(word, language) if word == "jammed" else state(word, language)


def _of(pair: tuple[str, str], language: pb.Language.ValueType) -> str:
    return pair[1] if language == pb.LANGUAGE_EN else pair[0]
