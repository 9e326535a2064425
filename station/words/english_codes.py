# SPDX-License-Identifier: GPL-3.0-or-later
"""Error codes in English: what happened, what to do, what it means for the board in hand."""

from __future__ import annotations

from types import MappingProxyType

from station.codes import Code
from station.ledger.trouble import Trouble
from station.words.language import CodeText

_STAYS = "Its identity stays with this board"
_NOTHING = "Nothing was written to the board"
_BLAMELESS = "The board is not to blame"
_SAFE = "The ledger was not changed"
_WORKS_ON = "Boards can be flashed while identities last"

CODES = MappingProxyType(
    {
        Code.E100: CodeText("Not possible this way", "Call the engineer"),
        Code.E110: CodeText("Station set up wrongly", "Call the engineer"),
        Code.E111: CodeText("Profile not found or not readable", "Call the engineer"),
        Code.E112: CodeText("Profile is wrong", "Call the engineer"),
        Code.E113: CodeText("Setting missing or wrong", "Call the engineer"),
        Code.E114: CodeText("Secret, key or role cannot be used", "Call the engineer"),
        Code.E115: CodeText("Ledger, slot or port not set up", "Call the engineer"),
        Code.E116: CodeText("Not in the ledger, or not in this state", "Look it up"),
        Code.E117: CodeText("Name or PIN cannot be used", "Choose another one"),
        Code.E119: CodeText("The ledger is of a newer station", "Call the engineer", _NOTHING),
        Code.E118: CodeText("A part of the program is missing", "Call the engineer"),
        Code.E120: CodeText("Product file has faults", "Correct the file", "Nothing was sent"),
        Code.E121: CodeText("Command incomplete", "Complete it", "Nothing was done"),
        Code.E122: CodeText("File cannot be imported", "Correct the file", "Nothing was imported"),
        Code.E123: CodeText("Registration unfinished", "Resume it"),
        Code.E124: CodeText("Not a badge", "Scan OP and a number, e.g. OP1042"),
        Code.E125: CodeText("Not a board's label", "Scan the label on the board", _NOTHING),
        Code.E126: CodeText("Backup file not usable", "Choose another file"),
        Code.E127: CodeText("Not a serial number", "Scan the serial number on the board", _NOTHING),
        Code.E200: CodeText("Board failed", "Red bin"),
        Code.E201: CodeText("Board does not answer", "Check how it sits, then red bin"),
        Code.E202: CodeText("Wrong board for this job", "Take it out, check the product", _NOTHING),
        Code.E203: CodeText("Board refused the write", "Red bin", _STAYS),
        Code.E204: CodeText("Read-back differs", "Red bin", _STAYS),
        Code.E205: CodeText("Identity does not fit the board", "Stop, call the engineer", _NOTHING),
        Code.E206: CodeText("Board has an unknown identity", "Set aside, call the engineer", _NOTHING),
        Code.E207: CodeText("Board is locked", "Set aside, call the engineer"),
        Code.E208: CodeText("Board answers garbage", "Clean the contacts, try once more"),
        Code.E209: CodeText(
            "Board was changed during work", "Keep both boards, call the supervisor", "The other one may hold a part"
        ),
        Code.E210: CodeText("This board is in another slot too", "Take this one out", _NOTHING),
        Code.E211: CodeText("Written, cannot be read back", "Set aside, call the engineer", _STAYS),
        Code.E212: CodeText("Label and board differ", "Check the label, scan again", _NOTHING),
        Code.E213: CodeText("Done board lost its identity", "Red bin", _STAYS),
        Code.E214: CodeText("This board is not in doubt", "Put in the board in doubt", _NOTHING),
        Code.E215: CodeText("Firmware beside the identity damaged", "Red bin; call the engineer", _STAYS),
        Code.E216: CodeText("Board does not lock", "Red bin", _STAYS),
        Code.E217: CodeText("Serial number and board differ", "Check the serial, scan again", _NOTHING),
        Code.E218: CodeText("The factory's system refuses it", "Set aside, call the supervisor", _NOTHING),
        Code.E300: CodeText("Station fault, not the board", "Call the engineer", _BLAMELESS),
        Code.E301: CodeText("Station stopped while writing", "Put the board back in any slot", _STAYS),
        Code.E310: CodeText("Port fault, not the board", "Check the cable", _BLAMELESS),
        Code.E311: CodeText("Port lost", "Check the cable, plug in again", _BLAMELESS),
        Code.E312: CodeText("Port used by another program", "Call the engineer", _BLAMELESS),
        Code.E313: CodeText("Port missing", "Check the cable of this slot", _BLAMELESS),
        Code.E314: CodeText("Port not permitted", "Call the engineer", _BLAMELESS),
        Code.E315: CodeText("Scanner not connected", "Plug the scanner in", "Typing scanners and keys work"),
        Code.E316: CodeText("Lamp, sound or link not working", "Call the engineer", "Boards are not affected"),
        Code.E317: CodeText("Label printer does not print", "See to the printer"),
        Code.E318: CodeText("The factory's system takes no reports", "Call the engineer", "Boards are not affected"),
        Code.E319: CodeText("The factory's system gives no answer", "Call the engineer", _NOTHING),
        Code.E320: CodeText("Record on disk failed", "Stop, call the engineer", _SAFE),
        Code.E321: CodeText("Disk or server does not write safely", "Stop, call the engineer", _SAFE),
        Code.E322: CodeText("Ledger file damaged", "Stop, call the engineer", _SAFE),
        Code.E323: CodeText("Another process moved it", "Stop, call the engineer", _SAFE),
        Code.E324: CodeText("Secret destroyed already", "Stop, call the engineer", _SAFE),
        Code.E325: CodeText("Proof does not hold", "Stop, call the engineer", _STAYS),
        Code.E326: CodeText("Second key for one board", "Stop, call the engineer", _SAFE),
        Code.E327: CodeText("An index of the ledger is damaged", "Stop, call the engineer", _SAFE),
        Code.E328: CodeText("No witness can be written", "Stop, call the engineer", _SAFE),
        Code.E329: CodeText("The line's server cannot be reached", "Leave the board in; it goes on by itself", _SAFE),
        Code.E330: CodeText("Interrupted", "Put the board back in any slot", _STAYS),
        Code.E331: CodeText("The run ended early", "End the station, start it again", _BLAMELESS),
        Code.E332: CodeText("Log not written", "Call the engineer", "Boards are not affected"),
        Code.E399: CodeText("Program defect", "Stop, call the engineer", _BLAMELESS),
        Code.E400: CodeText("Cloud fault", "Go on; call the engineer", _WORKS_ON),
        Code.E401: CodeText("Cloud not reached", "Go on while identities last", _WORKS_ON),
        Code.E402: CodeText("Cloud refused", "Go on; call the engineer", _WORKS_ON),
        Code.E403: CodeText("Cloud answer not believed", "Go on; call the engineer", _WORKS_ON),
        Code.E404: CodeText("Batch not ready in the cloud", "Wait, pull again", _WORKS_ON),
        Code.E405: CodeText("Cloud does not give all of the batch", "Wait, pull again", _WORKS_ON),
        Code.E500: CodeText("No identities left", "Stop, call the supervisor", _NOTHING),
        Code.E600: CodeText("A person is needed", "Call the supervisor"),
        Code.E601: CodeText("Board in doubt", "Put it back in any slot", _STAYS),
        Code.E602: CodeText("Slot locked: failures in a row", "Call the supervisor"),
        Code.E603: CodeText("Station locked: too many boards failed", "Call the supervisor"),
        Code.E604: CodeText("Cloud outcome unknown", "Call the engineer", "It may have been done, and paid for"),
        Code.E605: CodeText("Wrong PIN", "Try again"),
        Code.E606: CodeText("Too many wrong PINs", "Wait a minute"),
        Code.E607: CodeText("No PIN is set", "Engineer: station supervisor set-pin"),
        Code.E608: CodeText("Locked by a supervisor", "Call the supervisor"),
        Code.E609: CodeText("A board is being written", "Wait until no slot is busy"),
        Code.E610: CodeText("Which supervisor?", "Choose a name, try again"),
        Code.E611: CodeText("Held: a supervisor is at work", "Wait"),
        Code.E612: CodeText("No longer in doubt", "Remove board"),
        Code.E613: CodeText("Done board cannot be read", "Let it start once, then put it in again", _STAYS),
        Code.E614: CodeText("No unlock ends this", "Call the engineer"),
        Code.E615: CodeText("Withheld by a recovery", "Call the supervisor"),
        Code.E616: CodeText("Its identity is not here", "Set aside, call the supervisor", _NOTHING),
        Code.E617: CodeText("In use, the cloud says", "Call the supervisor", _NOTHING),
        Code.E618: CodeText("The cloud does not say if in use", "Call the supervisor", _NOTHING),
        Code.E619: CodeText("Identity in dispute", "Remove board, put it in again", _NOTHING),
        Code.E620: CodeText("Never comes back: on a board, or in use", "Retire it", _SAFE),
        Code.E621: CodeText("The cloud was not asked since", "Pull with --recheck, then again", _SAFE),
        Code.E622: CodeText("The alarm of this board was lifted", "Take it out, set it aside", _NOTHING),
        Code.E630: CodeText(
            "Another board may hold a part of it", "Find the other board, call the supervisor", _NOTHING
        ),
        Code.E631: CodeText("Blank, although it was written", "Look whose label it is, call the supervisor", _NOTHING),
        Code.E632: CodeText("The factory's system refused a report", "Call the engineer", "Boards are not affected"),
        Code.E635: CodeText("This board is known twice", "Set aside, call the engineer", _NOTHING),
        Code.E640: CodeText("The work order is complete", "Take it out, call the supervisor", _NOTHING),
        Code.E641: CodeText("Its printed label was not scanned", "Scan the printed label", _NOTHING),
        Code.E700: CodeText("ALARM", "Stop all work, call the supervisor"),
        Code.E701: CodeText("Clone: identity on two boards", "Stop, keep the board, call the supervisor"),
        Code.E702: CodeText("Ledger set back or changed", "Stop all work, call the supervisor"),
        Code.E703: CodeText("Stored secret does not open", "Stop all work, call the supervisor"),
        Code.E704: CodeText("Ledger breaks its own rule", "Stop all work, call the supervisor"),
        Code.E705: CodeText("Identity found that was never sent", "Stop the line, call the supervisor"),
        Code.E706: CodeText("In use in the cloud, never on a board", "Find out who has it, call the supervisor"),
        Code.E707: CodeText("This report was altered", "Make it anew from the ledger"),
    }
)

TROUBLES = MappingProxyType(
    {
        Trouble.FILE: CodeText("The ledger's file is gone or another one", "Stop all work, call the engineer"),
        Trouble.WITNESS: CodeText("This ledger is an older copy", "Stop all work, call the engineer"),
        Trouble.MACHINE: CodeText("This ledger belongs to another PC", "Stop all work, call the engineer"),
        Trouble.MOVED: CodeText("This ledger was moved elsewhere", "Stop all work, call the engineer"),
    }
)

SHORT = MappingProxyType(
    {
        "Scan the label": "Scan label",
        "Scan the printed label": "Scan label",
        "End the station, start it again": "Restart",
        "Check how it sits, then red bin": "Reseat it",
        "Take it out, check the product": "Take out",
        "Take it out, set it aside": "Set aside",
        "Call the engineer": "Call",
        "Stop, call the engineer": "Stop, call",
        "Set aside, call the engineer": "Set aside",
        "Clean the contacts, try once more": "Clean it",
        "Keep both boards, call the supervisor": "Keep both",
        "Find the other board, call the supervisor": "Find other",
        "Look whose label it is, call the supervisor": "Call",
        "Take this one out": "Take out",
        "Check the label, scan again": "Scan again",
        "Put in the board in doubt": "Take out",
        "Put the board back in any slot": "Put back",
        "Check the cable": "Cable",
        "Check the cable, plug in again": "Cable",
        "Check the cable of this slot": "Cable",
        "Plug the scanner in": "Scanner",
        "Stop, call the supervisor": "Stop, call",
        "Call the supervisor": "Call",
        "Put it back in any slot": "Put back",
        "Wait a minute": "Wait",
        "Remove board": "Take out",
        "Remove board, put it in again": "Put again",
        "Wait until no slot is busy": "Wait",
        "Choose a name, try again": "Try again",
        "Stop all work, call the supervisor": "STOP, call",
        "Stop, keep the board, call the supervisor": "STOP, keep",
        "Stop the line, call the supervisor": "STOP, call",
    }
)
"""What to do, where a tile has no room for more: at most ten cells, beside the code."""
