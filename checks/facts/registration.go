package facts

// OwnHost is this product's own registration with the browsers, as far as it can be seen from the command line.
type OwnHost struct {
	Version       string            `json:"version"` // of the running program
	Registrations []OwnRegistration `json:"registrations,omitempty"`
}

// OwnRegistration is this product's registration that one browser would find and start.
type OwnRegistration struct {
	Registration
	// Version is the version that the registered program reports when it is started as a browser would start it; "" if
	// it does not answer.
	Version string `json:"version,omitempty"`
	// NotStarted is set if it was not started: a user with fewer rights than this process may have registered it.
	NotStarted bool `json:"notStarted,omitempty"`
}
