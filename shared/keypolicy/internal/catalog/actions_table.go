package catalog

// Source: the Service Authorization Reference and the KMS Developer Guide
// ("AWS KMS permissions"), read in November 2026; Encapsulate and Decapsulate
// from the SDK's documentation (service/kms v1.62.4). Sorted by the lower-case
// name, which is what makes the wildcard lookup a range.
const (
	CancelKeyDeletion Set = 1 << iota
	ConnectCustomKeyStore
	CreateAlias
	CreateCustomKeyStore
	CreateGrant
	CreateKey
	Decapsulate
	Decrypt
	DeleteAlias
	DeleteCustomKeyStore
	DeleteImportedKeyMaterial
	DeriveSharedSecret
	DescribeCustomKeyStores
	DescribeKey
	DisableKey
	DisableKeyRotation
	DisconnectCustomKeyStore
	EnableKey
	EnableKeyRotation
	Encapsulate
	Encrypt
	GenerateDataKey
	GenerateDataKeyPair
	GenerateDataKeyPairWithoutPlaintext
	GenerateDataKeyWithoutPlaintext
	GenerateMac
	GenerateRandom
	GetKeyLastUsage
	GetKeyPolicy
	GetKeyRotationStatus
	GetParametersForImport
	GetPublicKey
	ImportKeyMaterial
	ListAliases
	ListGrants
	ListKeyPolicies
	ListKeyRotations
	ListKeys
	ListResourceTags
	ListRetirableGrants
	PutKeyPolicy
	ReEncryptFrom
	ReEncryptTo
	ReplicateKey
	RetireGrant
	RevokeGrant
	RotateKeyOnDemand
	ScheduleKeyDeletion
	Sign
	SynchronizeMultiRegionKey
	TagResource
	UntagResource
	UpdateAlias
	UpdateCustomKeyStore
	UpdateKeyDescription
	UpdatePrimaryRegion
	Verify
	VerifyMac
)

var actions = [...]Action{
	{Name: "kms:CancelKeyDeletion", Lower: "kms:cancelkeydeletion"},
	{Name: "kms:ConnectCustomKeyStore", Lower: "kms:connectcustomkeystore", Flags: IAMOnly},
	{Name: "kms:CreateAlias", Lower: "kms:createalias"},
	{Name: "kms:CreateCustomKeyStore", Lower: "kms:createcustomkeystore", Flags: IAMOnly},
	{Name: "kms:CreateGrant", Lower: "kms:creategrant", Flags: CrossAccount | Permissions},
	{Name: "kms:CreateKey", Lower: "kms:createkey", Flags: IAMOnly},
	{Name: "kms:Decapsulate", Lower: "kms:decapsulate", Flags: CrossAccount, Usage: EncapsulateDecapsulate},
	{Name: "kms:Decrypt", Lower: "kms:decrypt", Flags: CrossAccount, Usage: EncryptDecrypt},
	{Name: "kms:DeleteAlias", Lower: "kms:deletealias"},
	{Name: "kms:DeleteCustomKeyStore", Lower: "kms:deletecustomkeystore", Flags: IAMOnly},
	{Name: "kms:DeleteImportedKeyMaterial", Lower: "kms:deleteimportedkeymaterial", Usage: ImportedMaterial},
	{Name: "kms:DeriveSharedSecret", Lower: "kms:derivesharedsecret", Flags: CrossAccount, Usage: KeyAgreement},
	{Name: "kms:DescribeCustomKeyStores", Lower: "kms:describecustomkeystores", Flags: IAMOnly},
	{Name: "kms:DescribeKey", Lower: "kms:describekey", Flags: CrossAccount},
	{Name: "kms:DisableKey", Lower: "kms:disablekey"},
	{Name: "kms:DisableKeyRotation", Lower: "kms:disablekeyrotation", Usage: SymmetricEncryptDecrypt},
	{Name: "kms:DisconnectCustomKeyStore", Lower: "kms:disconnectcustomkeystore", Flags: IAMOnly},
	{Name: "kms:EnableKey", Lower: "kms:enablekey"},
	{Name: "kms:EnableKeyRotation", Lower: "kms:enablekeyrotation", Usage: SymmetricEncryptDecrypt},
	{Name: "kms:Encapsulate", Lower: "kms:encapsulate", Flags: CrossAccount, Usage: EncapsulateDecapsulate},
	{Name: "kms:Encrypt", Lower: "kms:encrypt", Flags: CrossAccount, Usage: EncryptDecrypt},
	{Name: "kms:GenerateDataKey", Lower: "kms:generatedatakey", Flags: CrossAccount, Usage: SymmetricEncryptDecrypt},
	{Name: "kms:GenerateDataKeyPair", Lower: "kms:generatedatakeypair", Flags: CrossAccount, Usage: SymmetricEncryptDecrypt},
	{Name: "kms:GenerateDataKeyPairWithoutPlaintext", Lower: "kms:generatedatakeypairwithoutplaintext", Flags: CrossAccount, Usage: SymmetricEncryptDecrypt},
	{Name: "kms:GenerateDataKeyWithoutPlaintext", Lower: "kms:generatedatakeywithoutplaintext", Flags: CrossAccount, Usage: SymmetricEncryptDecrypt},
	{Name: "kms:GenerateMac", Lower: "kms:generatemac", Flags: CrossAccount, Usage: GenerateVerifyMAC},
	{Name: "kms:GenerateRandom", Lower: "kms:generaterandom", Flags: IAMOnly},
	{Name: "kms:GetKeyLastUsage", Lower: "kms:getkeylastusage"},
	{Name: "kms:GetKeyPolicy", Lower: "kms:getkeypolicy"},
	{Name: "kms:GetKeyRotationStatus", Lower: "kms:getkeyrotationstatus", Flags: CrossAccount, Usage: SymmetricEncryptDecrypt},
	{Name: "kms:GetParametersForImport", Lower: "kms:getparametersforimport", Usage: ImportedMaterial},
	{Name: "kms:GetPublicKey", Lower: "kms:getpublickey", Flags: CrossAccount, Usage: Asymmetric},
	{Name: "kms:ImportKeyMaterial", Lower: "kms:importkeymaterial", Usage: ImportedMaterial},
	{Name: "kms:ListAliases", Lower: "kms:listaliases", Flags: IAMOnly},
	{Name: "kms:ListGrants", Lower: "kms:listgrants", Flags: CrossAccount},
	{Name: "kms:ListKeyPolicies", Lower: "kms:listkeypolicies"},
	{Name: "kms:ListKeyRotations", Lower: "kms:listkeyrotations", Usage: SymmetricEncryptDecrypt},
	{Name: "kms:ListKeys", Lower: "kms:listkeys", Flags: IAMOnly},
	{Name: "kms:ListResourceTags", Lower: "kms:listresourcetags"},
	{Name: "kms:ListRetirableGrants", Lower: "kms:listretirablegrants", Flags: IAMOnly},
	{Name: "kms:PutKeyPolicy", Lower: "kms:putkeypolicy", Flags: Permissions},
	{Name: "kms:ReEncryptFrom", Lower: "kms:reencryptfrom", Flags: CrossAccount | PermissionOnly, Usage: EncryptDecrypt},
	{Name: "kms:ReEncryptTo", Lower: "kms:reencryptto", Flags: CrossAccount | PermissionOnly, Usage: EncryptDecrypt},
	{Name: "kms:ReplicateKey", Lower: "kms:replicatekey", Usage: MultiRegion},
	{Name: "kms:RetireGrant", Lower: "kms:retiregrant", Flags: IAMOnly | CrossAccount | Permissions},
	{Name: "kms:RevokeGrant", Lower: "kms:revokegrant", Flags: CrossAccount | Permissions},
	{Name: "kms:RotateKeyOnDemand", Lower: "kms:rotatekeyondemand", Usage: SymmetricEncryptDecrypt},
	{Name: "kms:ScheduleKeyDeletion", Lower: "kms:schedulekeydeletion"},
	{Name: "kms:Sign", Lower: "kms:sign", Flags: CrossAccount, Usage: SignVerify},
	{Name: "kms:SynchronizeMultiRegionKey", Lower: "kms:synchronizemultiregionkey", Flags: PermissionOnly, Usage: MultiRegion},
	{Name: "kms:TagResource", Lower: "kms:tagresource"},
	{Name: "kms:UntagResource", Lower: "kms:untagresource"},
	{Name: "kms:UpdateAlias", Lower: "kms:updatealias"},
	{Name: "kms:UpdateCustomKeyStore", Lower: "kms:updatecustomkeystore", Flags: IAMOnly},
	{Name: "kms:UpdateKeyDescription", Lower: "kms:updatekeydescription"},
	{Name: "kms:UpdatePrimaryRegion", Lower: "kms:updateprimaryregion", Usage: MultiRegion},
	{Name: "kms:Verify", Lower: "kms:verify", Flags: CrossAccount, Usage: SignVerify},
	{Name: "kms:VerifyMac", Lower: "kms:verifymac", Flags: CrossAccount, Usage: GenerateVerifyMAC},
}

// The sets of actions that have a flag, written out so that nothing has to be
// counted at run time.
const (
	iamOnly      = ConnectCustomKeyStore | CreateCustomKeyStore | CreateKey | DeleteCustomKeyStore | DescribeCustomKeyStores | DisconnectCustomKeyStore | GenerateRandom | ListAliases | ListKeys | ListRetirableGrants | RetireGrant | UpdateCustomKeyStore
	crossAccount = CreateGrant | Decapsulate | Decrypt | DeriveSharedSecret | DescribeKey | Encapsulate | Encrypt | GenerateDataKey | GenerateDataKeyPair | GenerateDataKeyPairWithoutPlaintext | GenerateDataKeyWithoutPlaintext | GenerateMac | GetKeyRotationStatus | GetPublicKey | ListGrants | ReEncryptFrom | ReEncryptTo | RetireGrant | RevokeGrant | Sign | Verify | VerifyMac
)

// letters holds, for each letter of the alphabet, the first row whose name
// begins with it or a later one.
var letters = [27]uint8{0, 0, 0, 6, 17, 21, 21, 32, 32, 33, 33, 33, 40, 40, 40, 40, 41, 41, 47, 50, 51, 56, 58, 58, 58, 58, 58}

// usages holds the actions that work only on keys of a certain kind.
var usages = [...]Set{
	EncryptDecrypt:          Decrypt | Encrypt | ReEncryptFrom | ReEncryptTo,
	SymmetricEncryptDecrypt: DisableKeyRotation | EnableKeyRotation | GenerateDataKey | GenerateDataKeyPair | GenerateDataKeyPairWithoutPlaintext | GenerateDataKeyWithoutPlaintext | GetKeyRotationStatus | ListKeyRotations | RotateKeyOnDemand,
	SignVerify:              Sign | Verify,
	GenerateVerifyMAC:       GenerateMac | VerifyMac,
	KeyAgreement:            DeriveSharedSecret,
	EncapsulateDecapsulate:  Decapsulate | Encapsulate,
	Asymmetric:              GetPublicKey,
	ImportedMaterial:        DeleteImportedKeyMaterial | GetParametersForImport | ImportKeyMaterial,
	MultiRegion:             ReplicateKey | SynchronizeMultiRegionKey | UpdatePrimaryRegion,
}
