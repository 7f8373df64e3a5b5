package facts

// Security is the security software that was found. This does not mean that it interferes.
type Security struct {
	OS string `json:"os"`
	// Products are the known products (from the table) that were found. Registered are the names in Windows' Security
	// Center.
	Products   []SecurityProduct `json:"products,omitempty"`
	Registered []string          `json:"registered,omitempty"`
	// CenterUnknown is set if the Security Center gave no answer (Windows Server has none).
	CenterUnknown bool `json:"centerUnknown,omitempty"`
}

// SecurityProduct is a product of the table.
type SecurityProduct struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`  // antivirus, or protected-browsing if it has its own browser
	Found string `json:"found"` // service, process or installed
}
