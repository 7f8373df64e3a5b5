package facts

// App holds the registrations of the apps behind the bridge extensions.
type App struct {
	OS string `json:"os"`
	// Browsers are the ids of the browsers that were found.
	Browsers      []string       `json:"browsers,omitempty"`
	Registrations []Registration `json:"registrations,omitempty"`
	// OwnFolder: the browser that asks has its profile in a folder of its own (--user-data-dir), and thus its own
	// registrations. Where that folder is, is not kept.
	OwnFolder bool        `json:"ownFolder,omitempty"`
	JPKI      *JPKIClient `json:"jpki,omitempty"`
}

// Registration is the registration of an app that a browser would use: the first one that it finds.
type Registration struct {
	Host    string            `json:"host"`    // jp.go.cao.mpa
	Browser string            `json:"browser"` // the id of the browser: chrome, edge, chromium
	Level   Level             `json:"level"`
	View    int               `json:"view,omitempty"` // the registry view: 32 or 64
	State   RegistrationState `json:"state"`
	// SystemState is the state of the computer's registration if the user's own precedes it; "" if there is none.
	SystemState RegistrationState `json:"systemState,omitempty"`
	// OwnFolder: it is a registration for a browser with a folder of its own.
	OwnFolder bool `json:"ownFolder,omitempty"`
	// Signed is whether Windows trusts the program's signature; nil on other systems and without a program.
	Signed *bool `json:"signed,omitempty"`
	// Program is the path of the registered program. It may contain a person's name, so it never leaves the process.
	Program string `json:"-"`
}

// RecordLater records a registration that the browser would find only after this one.
func (r *Registration) RecordLater(level Level, state RegistrationState) {
	if r.Level == LevelUser && level == LevelSystem && r.SystemState == "" {
		r.SystemState = state
	}
}

// Level says for whom a registration is made.
type Level string

// The levels.
const (
	LevelUser   Level = "user"   // of this user
	LevelSystem Level = "system" // of the whole computer
)

// RegistrationState says at which step from the registration to the program a fault was found.
type RegistrationState string

// The states, in the order of the steps.
const (
	RegistrationOK     RegistrationState = "ok"                  // the program is there
	RegistrationDenied RegistrationState = "denied"              // it exists but may not be read
	ManifestMissing    RegistrationState = "manifest-missing"    // the registry names a file that is not there
	ManifestUnreadable RegistrationState = "manifest-unreadable" // the file may not be read
	ManifestInvalid    RegistrationState = "manifest-invalid"    // a browser would refuse its content
	ManifestOfAnother  RegistrationState = "manifest-of-another" // its name is that of another host
	OriginMissing      RegistrationState = "origin-missing"      // its allowed_origins do not contain the extension
	ProgramMissing     RegistrationState = "program-missing"     // the manifest names a program that is not there
	ProgramUnknown     RegistrationState = "program-unknown"     // it is not known whether it exists
)

// JPKIClient is JPKI利用者ソフト.
type JPKIClient struct {
	Installed bool `json:"installed"`
	Folder    bool `json:"folder,omitempty"`    // the folder that the registry names is there
	Menu      bool `json:"menu,omitempty"`      // its menu program is there
	Providers int  `json:"providers,omitempty"` // number of its registered cryptographic service providers
	Denied    bool `json:"denied,omitempty"`    // its registry key may not be read
}
