package facts

import (
	"strings"

	"github.com/keysmith/keysmith/shared/keypolicy/internal/catalog"
)

// UsableActions returns the actions that can work on the key, as far as its
// usage, spec and origin are known.
func UsableActions(k Key) catalog.Set {
	if k.Usage == "" && k.Origin == "" {
		return catalog.All
	}
	return catalog.Usable(func(u catalog.Usage) bool { return usableOn(k, u) })
}

func usableOn(k Key, u catalog.Usage) bool {
	symmetric := k.Spec == "" || k.Spec == "SYMMETRIC_DEFAULT"
	switch u {
	case catalog.EncryptDecrypt:
		return k.Usage == "" || k.Usage == "ENCRYPT_DECRYPT"
	case catalog.SymmetricEncryptDecrypt:
		return k.Usage == "" || k.Usage == "ENCRYPT_DECRYPT" && symmetric
	case catalog.SignVerify:
		return k.Usage == "" || k.Usage == "SIGN_VERIFY"
	case catalog.GenerateVerifyMAC:
		return k.Usage == "" || k.Usage == "GENERATE_VERIFY_MAC"
	case catalog.KeyAgreement:
		return k.Usage == "" || k.Usage == "KEY_AGREEMENT"
	case catalog.EncapsulateDecapsulate:
		return k.Usage == "" || k.Usage == "ENCAPSULATE_DECAPSULATE"
	case catalog.Asymmetric:
		return k.Spec != "SYMMETRIC_DEFAULT" && !strings.HasPrefix(k.Spec, "HMAC_") && k.Usage != "GENERATE_VERIFY_MAC"
	case catalog.ImportedMaterial:
		return k.Origin == "" || k.Origin == "EXTERNAL"
	}
	return true
}

// DescribeUsage says in words what the key is for.
func (k Key) DescribeUsage() string {
	words := make([]string, 0, 3)
	for _, w := range [...]string{k.Usage, k.Spec, k.Origin} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, ", ")
}
