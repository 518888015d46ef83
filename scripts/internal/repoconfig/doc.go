// Package repoconfig reads keysmith.yaml, the file in which a repository of key
// policies says what its deployment of keysmith is set to.
//
// The command line, the pre-commit hook and the local stack judge a policy
// before the function does. They agree with it only if they know its settings,
// and a file beside the policies says so once for everybody. Its names are the
// long flags of keysmith lint:
//
//	account: 111122223333
//	region: eu-west-1
//	trusted-accounts: [444455556666]
//	break-glass: arn:aws:iam::{account}:role/break-glass
//
// Reading is strict. A name that does not exist, a name that stands twice and a
// value that the function would refuse are errors with line and column.
package repoconfig
