package keypolicy

// Key is the KMS key that a policy is meant for. What is empty is unknown, and
// the rules that need it do not run.
type Key struct {
	Partition string // "aws", "aws-cn", "aws-us-gov"; empty means "aws"
	Account   string // 12 digits
	Region    string
	ID        string // key id, such as 1234abcd-… or mrk-…
	Usage     string // KeyUsage as DescribeKey tells it, such as ENCRYPT_DECRYPT
	Spec      string // KeySpec
	Origin    string // Origin, such as AWS_KMS or EXTERNAL
}

// Options say what a policy is judged against.
type Options struct {
	Key             Key
	BreakGlass      []string // principal ARNs; {account} stands for the key's account
	RootOptional    bool     // the account root need not keep kms:PutKeyPolicy
	Writer          string   // keysmith's own role ARN; must keep Put and GetKeyPolicy where RootOptional
	TrustedAccounts []string // accounts beside the key's own; "*" turns the rule off
	TrustedOrgs     []string // organization ids, o-…
}

// Severity orders findings. The zero value is Info.
type Severity uint8

const (
	Info Severity = iota
	Warning
	Security
	Error
)

// A Finding is one thing wrong with a policy.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Line     int      `json:"line"`
	Column   int      `json:"column"`
	Path     string   `json:"path"`
}

// Report is what Check saw.
type Report struct {
	Policy   *Policy // nil where the text holds no policy at all
	Findings []Finding
}

// Reason says why a policy is not acceptable; empty where it is.
type Reason string

const (
	Accepted      Reason = ""
	TooLarge      Reason = "TOO_LARGE"
	InvalidPolicy Reason = "INVALID_POLICY"
	Lockout       Reason = "LOCKOUT"
	Guardrail     Reason = "GUARDRAIL"
)

// Policy is a parsed key policy.
type Policy struct{}

// Canonical holds the two digests of a policy's canonical form (lower-case hex
// SHA-256). The zero value stands for a document that cannot be judged and is
// equal to nothing, not even itself.
type Canonical struct {
	Text        string // with Sid and Id
	Permissions string // without
}
