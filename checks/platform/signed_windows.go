package platform

import (
	"os"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// onlyCache keeps WinVerifyTrust from fetching anything (WTD_CACHE_ONLY_URL_RETRIEVAL of wintrust.h).
const onlyCache = 0x1000

// signatures are the answers of before, by file: an answer takes long, and several registrations may name one program.
var signatures sync.Map

type signedFile struct {
	path    string
	size    int64
	changed time.Time
}

func (osFiles) Signed(path string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	file := signedFile{path, info.Size(), info.ModTime()}
	if known, ok := signatures.Load(file); ok {
		return known.(bool), nil
	}
	signed, err := verify(path)
	if err == nil {
		signatures.Store(file, signed)
	}
	return signed, err
}

func verify(path string) (bool, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false, err
	}
	file := &windows.WinTrustFileInfo{Size: uint32(unsafe.Sizeof(windows.WinTrustFileInfo{})), FilePath: name}
	data := &windows.WinTrustData{
		Size:                            uint32(unsafe.Sizeof(windows.WinTrustData{})),
		UIChoice:                        windows.WTD_UI_NONE,
		RevocationChecks:                windows.WTD_REVOKE_NONE,
		UnionChoice:                     windows.WTD_CHOICE_FILE,
		FileOrCatalogOrBlobOrSgnrOrCert: unsafe.Pointer(file),
		StateAction:                     windows.WTD_STATEACTION_VERIFY,
		ProvFlags:                       onlyCache,
	}
	verified := windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, data)
	data.StateAction = windows.WTD_STATEACTION_CLOSE
	_ = windows.WinVerifyTrustEx(windows.InvalidHWND, &windows.WINTRUST_ACTION_GENERIC_VERIFY_V2, data)
	return verified == nil, nil
}
