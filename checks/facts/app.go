package facts

// App is what is registered of the apps behind the bridge extensions.
type App struct {
	OS string `json:"os"`
	// Browsers are the ids of the browsers that are there.
	Browsers      []string       `json:"browsers,omitempty"`
	Registrations []Registration `json:"registrations,omitempty"`
	JPKI          *JPKIClient    `json:"jpki,omitempty"`
}

// Registration is the registration of an app that a browser would use: the first one that it finds.
type Registration struct {
	Host    string            `json:"host"`    // jp.go.cao.mpa
	Browser string            `json:"browser"` // the id of the browser: chrome, edge, chromium
	Level   Level             `json:"level"`
	View    int               `json:"view,omitempty"` // of the registry: 32 or 64
	State   RegistrationState `json:"state"`
	// SystemState is the state of the computer's registration that lies behind this user's own; "" where there is none.
	SystemState RegistrationState `json:"systemState,omitempty"`
	// Signed is whether Windows trusts the program's signature; nil elsewhere, and where there is no program.
	Signed *bool `json:"signed,omitempty"`
	// Program is where it leads, which may name a person: it stays in the process.
	Program string `json:"-"`
}

// Behind notes a registration that the browser would come to only after this one.
func (r *Registration) Behind(level Level, state RegistrationState) {
	if r.Level == LevelUser && level == LevelSystem && r.SystemState == "" {
		r.SystemState = state
	}
}

// Level is whose registration it is.
type Level string

// A registration of this user, or of the whole computer.
const (
	LevelUser   Level = "user"
	LevelSystem Level = "system"
)

// RegistrationState is how far the way from the registration to the program goes.
type RegistrationState string

// From the registration to the program, each step can fail.
const (
	RegistrationOK     RegistrationState = "ok"
	RegistrationDenied RegistrationState = "denied"           // it is there and may not be read
	ManifestMissing    RegistrationState = "manifest-missing" // the registry names a file that is not there
	ManifestUnreadable RegistrationState = "manifest-unreadable"
	ManifestInvalid    RegistrationState = "manifest-invalid"
	ManifestOfAnother  RegistrationState = "manifest-of-another" // its name is that of another host
	OriginMissing      RegistrationState = "origin-missing"      // it allows no known bridge extension
	ProgramMissing     RegistrationState = "program-missing"
	ProgramUnknown     RegistrationState = "program-unknown" // whether it is there cannot be told
)

// JPKIClient is JPKI利用者ソフト.
type JPKIClient struct {
	Installed bool `json:"installed"`
	Folder    bool `json:"folder,omitempty"`    // the folder that the registry names is there
	Menu      bool `json:"menu,omitempty"`      // its menu program is there
	Providers int  `json:"providers,omitempty"` // of its cryptographic service providers that are registered
	Denied    bool `json:"denied,omitempty"`    // it may not be looked at
}
