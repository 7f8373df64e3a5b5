package facts

// OwnHost is this product's own registration with the browsers, as far as it can be seen from the command line.
type OwnHost struct {
	Version       string            `json:"version"` // of the program that checks
	Registrations []OwnRegistration `json:"registrations,omitempty"`
}

// OwnRegistration is the registration of ours that one browser would find and start.
type OwnRegistration struct {
	Registration
	// Version is what the program that is registered says of itself when it is started as a browser would; "" where it
	// does not answer.
	Version string `json:"version,omitempty"`
	// NotStarted says that it was not started, since whoever has registered it may have fewer rights than this program.
	NotStarted bool `json:"notStarted,omitempty"`
}
