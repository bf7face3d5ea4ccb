"""Ways an issuance can go, as events, for journals that need none of the machine around them."""

from kiosk.issuance.states import Event as E

PRINTED = (E.ASK, E.GRANT, E.PRINT, E.ACCEPT, E.COMPLETE)
ENDINGS = (
    (*PRINTED, E.TAKE),
    (E.ASK, E.CANCEL),
    (E.ASK, E.GRANT, E.PRINT, E.LOSE),
    (E.ASK, E.GRANT, E.PRINT, E.ACCEPT, E.SPOIL),
)
FED = (E.ASK, E.GRANT, E.FEED, E.ENCODE)
CARD_ENDINGS = (
    (*FED, E.PRINT, E.ACCEPT, E.COMPLETE, E.PRESENT, E.TAKE),
    (*FED, E.REJECT_BLANK, E.FEED, E.ENCODE, E.PRINT, E.LOSE, E.SETTLE_DESTROYED),
    (*FED[:3], E.CANCEL),
)
