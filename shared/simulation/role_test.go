package simulation

import (
	"github.com/keysmith/keysmith/shared/functest"

	"strconv"
	"testing"

	"github.com/keysmith/keysmith/shared/privilege"
)

func TestTheRoleAllowsEveryCallOfRandomRuns(t *testing.T) {
	roles := map[bool]*privilege.Role{}
	for _, bypass := range []bool{true, false} {
		roles[bypass] = functest.RoleFor(t, map[string]string{"ALLOW_LOCKOUT_BYPASS": strconv.FormatBool(bypass)})
	}
	for seed := uint64(1); seed <= 60; seed++ {
		s := playSeed(t, seed, nil)
		functest.Permitted(t, roles[s.plan.bypass], s.cloud.Calls())
	}
}
