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
	if usage, only := usages[u]; only && k.Usage != "" && k.Usage != usage {
		return false
	}
	switch u {
	case catalog.SymmetricEncryptDecrypt:
		return k.Spec == "" || k.Spec == "SYMMETRIC_DEFAULT"
	case catalog.Asymmetric:
		return k.Spec != "SYMMETRIC_DEFAULT" && !strings.HasPrefix(k.Spec, "HMAC_") && k.Usage != "GENERATE_VERIFY_MAC"
	case catalog.ImportedMaterial:
		return k.Origin == "" || k.Origin == "EXTERNAL"
	}
	return true
}

// usages is the KeyUsage that actions need.
var usages = map[catalog.Usage]string{
	catalog.EncryptDecrypt: "ENCRYPT_DECRYPT", catalog.SymmetricEncryptDecrypt: "ENCRYPT_DECRYPT",
	catalog.SignVerify: "SIGN_VERIFY", catalog.GenerateVerifyMAC: "GENERATE_VERIFY_MAC",
	catalog.KeyAgreement: "KEY_AGREEMENT", catalog.EncapsulateDecapsulate: "ENCAPSULATE_DECAPSULATE",
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
