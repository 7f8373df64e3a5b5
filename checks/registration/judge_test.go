package registration

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
)

func TestJudge(t *testing.T) {
	registration := func(state facts.RegistrationState, version string) facts.OwnRegistration {
		return facts.OwnRegistration{Registration: facts.Registration{Browser: "chrome", State: state}, Version: version}
	}
	for name, c := range map[string]struct {
		own  *facts.OwnHost
		want []string
	}{
		"nowhere":         {&facts.OwnHost{Version: "1"}, []string{"doctor.unregistered info "}},
		"fine":            {&facts.OwnHost{Version: "1", Registrations: []facts.OwnRegistration{registration(facts.RegistrationOK, "1")}}, []string{"doctor.ready ok "}},
		"another version": {&facts.OwnHost{Version: "2", Registrations: []facts.OwnRegistration{registration(facts.RegistrationOK, "1")}}, []string{"doctor.broken info other-version"}},
		"it is mute":      {&facts.OwnHost{Version: "1", Registrations: []facts.OwnRegistration{registration(facts.RegistrationOK, "")}}, []string{"doctor.broken info no-answer"}},
		"not started":     {&facts.OwnHost{Version: "1", Registrations: []facts.OwnRegistration{{Registration: facts.Registration{Browser: "chrome", State: facts.RegistrationOK}, NotStarted: true}}}, []string{"doctor.not-started info "}},
		"it is gone":      {&facts.OwnHost{Version: "1", Registrations: []facts.OwnRegistration{registration(facts.ProgramMissing, "")}}, []string{"doctor.broken info program-missing"}},
		"one of two":      {&facts.OwnHost{Version: "1", Registrations: []facts.OwnRegistration{registration(facts.OriginMissing, ""), registration(facts.RegistrationOK, "1")}}, []string{"doctor.broken info origin-missing", "doctor.ready ok "}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Judge(&facts.Facts{OwnHost: c.own}) {
				got = append(got, string(f.Code)+" "+string(f.Status)+" "+f.Args["reason"])
			}
			assert.Equal(t, c.want, got)
		})
	}
}
