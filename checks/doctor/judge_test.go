package doctor

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"etax-doctor/checks/facts"
)

func TestJudge(t *testing.T) {
	registration := func(state facts.RegistrationState, version string) facts.DoctorRegistration {
		return facts.DoctorRegistration{Registration: facts.Registration{Browser: "chrome", State: state}, Version: version}
	}
	for name, c := range map[string]struct {
		doctor *facts.Doctor
		want   []string
	}{
		"nowhere":         {&facts.Doctor{Version: "1"}, []string{"doctor.unregistered info "}},
		"fine":            {&facts.Doctor{Version: "1", Registrations: []facts.DoctorRegistration{registration(facts.RegistrationOK, "1")}}, []string{"doctor.ready ok "}},
		"another version": {&facts.Doctor{Version: "2", Registrations: []facts.DoctorRegistration{registration(facts.RegistrationOK, "1")}}, []string{"doctor.broken info other-version"}},
		"it is mute":      {&facts.Doctor{Version: "1", Registrations: []facts.DoctorRegistration{registration(facts.RegistrationOK, "")}}, []string{"doctor.broken info no-answer"}},
		"not started":     {&facts.Doctor{Version: "1", Registrations: []facts.DoctorRegistration{{Registration: facts.Registration{Browser: "chrome", State: facts.RegistrationOK}, NotStarted: true}}}, []string{"doctor.not-started info "}},
		"it is gone":      {&facts.Doctor{Version: "1", Registrations: []facts.DoctorRegistration{registration(facts.ProgramMissing, "")}}, []string{"doctor.broken info program-missing"}},
		"one of two":      {&facts.Doctor{Version: "1", Registrations: []facts.DoctorRegistration{registration(facts.OriginMissing, ""), registration(facts.RegistrationOK, "1")}}, []string{"doctor.broken info origin-missing", "doctor.ready ok "}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Judge(&facts.Facts{Doctor: c.doctor}) {
				got = append(got, string(f.Code)+" "+string(f.Status)+" "+f.Args["reason"])
			}
			assert.Equal(t, c.want, got)
		})
	}
}
