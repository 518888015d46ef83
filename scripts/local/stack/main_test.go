package stack_test

import (
	"os"
	"testing"

	"github.com/keysmith/keysmith/scripts/local/stack/stacktest"
)

func TestMain(m *testing.M) { os.Exit(stacktest.Main(m)) }
