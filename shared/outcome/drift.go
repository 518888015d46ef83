package outcome

import "time"

// Drift is a policy in force that is not the one keysmith last applied, and that
// keysmith did not put there.
type Drift struct {
	Since  time.Time `json:"since"`            // when keysmith first saw it
	Author *Author   `json:"author,omitempty"` // nil until CloudTrail reports it
	Repair Repair    `json:"repair"`
}

// Author is who changed a key policy, as CloudTrail reported it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type Author struct {
	ARN        string    `json:"arn"`
	SourceIP   string    `json:"sourceIp,omitempty"`
	UserAgent  string    `json:"userAgent,omitempty"`
	EventID    string    `json:"eventId"`
	Time       time.Time `json:"time"`
	ReportedBy string    `json:"reportedBy"` // account that the event came from
}

// Repair is what keysmith does about a drift.
type Repair string

// None leaves it, Pending waits for the author, Held leaves a change that only
// removes access or that a break-glass principal made, and Contested has given
// up because somebody changes the key again and again.
const (
	RepairNone      Repair = "none"
	RepairPending   Repair = "pending"
	RepairHeld      Repair = "held"
	RepairContested Repair = "contested"
)
