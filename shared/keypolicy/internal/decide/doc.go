// Package decide answers one question about key policies: is there a request that
// some policies allow and others do not? Every verdict about the meaning of a
// policy is that question or a special case of it.
//
//	no new access       allowed by the new policy, refused by the old one
//	a baseline          allowed by the policy, refused by the baseline (ByDefault)
//	nobody but these    allowed by the policy, refused by one that allows these all
//	never these         allowed by one that allows these all, and by the policy
//	always these        allowed by one that allows these all, refused by the policy
//	a lockout           the same, for kms:PutKeyPolicy of one principal
//	a condition never   allowed by the statement alone
//	a condition always  allowed by the statement without it, refused by the one with it
//	redundant           allowed with it and refused without it (or the other way for a Deny)
//
// So a set of requests is written as a policy too. Policies are compiled into a
// [Space], which knows what is known of the key, and [Space.Ask] answers. The
// answer is proven (there is no such request), refuted with a witness, or
// undecided with a reason; undecided is never to be taken for safe.
//
// # What a request is
//
// A caller (the root user, a user, a session of a role, a federated user, a service,
// nobody), an action, the values of condition keys, and whether IAM allows the
// caller the action. The last matters in the key's own account, where a statement
// that names the account only lets in whom IAM lets in, and one that names a role
// or user, or everybody, needs nothing else. See [Callers].
//
// Statements name finitely many principals. The others fall into classes that no
// statement tells apart: the other users and roles of each account that is named,
// those of all further accounts, the other services. Within a class, conditions on
// the caller's ARN, its account and its user name are conditions on one text, the
// ARN. Actions fall into classes likewise. What is the same in every request to the
// key (its account, Region, organization, spec …) is known or not; what the
// catalogue says of which requests carry a key is used where it says it, and a key
// that it does not have can be in any request.
//
// # How it is found out
//
// An operator is a test of one key: some value (or every value) is of a set of
// values, or the opposite; and what it is where the key is missing. For a class of
// callers and one of actions a statement is a list of tests. A request is looked for
// by backtracking: an Allow of each policy that must allow has all its tests true,
// each Deny has one that is false, and so on. The Deny or Allow with the fewest open
// tests is decided first, and where a branch fails only the decisions that are to
// blame are taken back.
//
// After each decision the tests of that one key must have common values. Lists of
// constants are tried; numbers, dates and addresses are tried at and between their
// limits; text with wildcards is the shortest word of a product of automata, some
// of them complemented. That gives the witness its values, and its statements are
// evaluated once more before it is returned.
//
// # What is not decided
//
// A test that depends on something unknown (a fact of the key that is not known, a
// variable whose value differs from request to request, BinaryEquals, an operator
// that IAM does not have, a key with several values under an operator for one, a
// principal that is not understood) may be true or false, the same one wherever it
// stands. An answer that is the same whatever it is is given; else the answer is
// undecided, and its reason names it. Work is counted in steps, and where they run
// out the answer is undecided as well. Keys are taken to be independent of each
// other but for the caller's ARN, account and name, and the two clocks.
package decide
