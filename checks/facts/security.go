package facts

// Security is the security software that is there. That it is there says nothing of whether it interferes.
type Security struct {
	OS string `json:"os"`
	// Products are names from the table of known products, Registered what Windows' Security Center names.
	Products   []SecurityProduct `json:"products,omitempty"`
	Registered []string          `json:"registered,omitempty"`
	// CenterUnknown is set where the Security Center could not be asked (Windows Server has none).
	CenterUnknown bool `json:"centerUnknown,omitempty"`
}

// SecurityProduct is a product of the table.
type SecurityProduct struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`  // antivirus, or protected-browsing for those with a browser of their own
	Found string `json:"found"` // service, process or installed
}
