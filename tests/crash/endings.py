"""Ways an issuance can go, as events, for journals that need none of the machine around them."""

from kiosk.issuance.states import Event as E

PRINTED = (E.ASK, E.GRANT, E.PRINT, E.ACCEPT, E.COMPLETE)
ENDINGS = (
    (*PRINTED, E.TAKE),
    (E.ASK, E.CANCEL),
    (E.ASK, E.GRANT, E.PRINT, E.LOSE),
    (E.ASK, E.GRANT, E.PRINT, E.ACCEPT, E.SPOIL),
)
