package jpki

import (
	"strings"

	"etax-doctor/checks/facts"
)

// labelLength is the length of the label at the start of the 160-byte CK_TOKEN_INFO in EF 0006.
const labelLength = 32

// tokens maps each label to the kind of card or phone that has it (OpenSC, jpki/myna; one source for the iPhone label).
var tokens = map[string]facts.Token{
	"JPKIAPICCTOKEN2": facts.TokenMyNumber,
	"JPKIAPICCTOKEN":  facts.TokenResidentRegister,
	"JPKIAPGPSETOKEN": facts.TokenAndroid,
	"JPKIAPIOSTOKEN":  facts.TokenIPhone,
}

// parseToken reads the label, which is padded with spaces or NULs. The label itself is not kept: an unknown one
// could be anything.
func parseToken(data []byte) facts.Token {
	if len(data) == 0 {
		return facts.TokenUnread
	}
	label := strings.TrimRight(string(data[:min(len(data), labelLength)]), " \x00")
	if t, ok := tokens[label]; ok {
		return t
	}
	return facts.TokenOther
}
