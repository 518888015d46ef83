"""Asks z3 whether a request tells two key policies apart.

Reads one question a line: {"new", "old": policies, "account", "org", "region",
"spec", "actions": all that a key policy governs, "keys": {key in small letters:
{"many": bool, "actions": those whose requests can have it, or null}}, "sets": {an
action as it is written: what it stands for}}. Writes "proven", "refuted" or
"unknown" for each.

It is an encoding of its own, made from IAM's documentation: one string for the
caller's ARN, one variable for each condition key, and the policies as formulas.
"""
import ipaddress, json, re, sys
from datetime import datetime, timezone
from fractions import Fraction
import z3

ANY = z3.AllChar(z3.ReSort(z3.StringSort()))
NOT_COLON = z3.Intersect(ANY, z3.Complement(z3.Re(":")))
DIGIT = z3.Range("0", "9")
ROOT, USER, ROLE, FEDERATED, SERVICE, NOBODY = range(6)
NUMBERS = ("numericequals", "numericnotequals", "numericlessthan", "numericlessthanequals", "numericgreaterthan", "numericgreaterthanequals")


def seq(parts):
    parts = list(parts)
    return z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else z3.Re("")


def glob(text, one=ANY):
    return seq(z3.Star(one) if c == "*" else one if c == "?" else z3.Re(c) for c in text)


def arn_glob(text):
    if text == "*":
        return z3.Star(ANY)
    parts = text.split(":", 5)
    if len(parts) < 6:
        return None
    out = []
    for part in parts[:5]:
        out += [glob(part, NOT_COLON), z3.Re(":")]
    return seq(out + [glob(parts[5])])


def folded(text):
    return seq(z3.Union(z3.Re(c.lower()), z3.Re(c.upper())) if c.lower() != c.upper() else z3.Re(c) for c in text)


def moment(text):
    if re.fullmatch(r"\d{5,}", text):
        return Fraction(text)
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"):
        try:
            return Fraction(int(datetime.strptime(text, form).replace(tzinfo=timezone.utc).timestamp()))
        except ValueError:
            pass
    return None


def number(text):
    try:
        return Fraction(text) if "/" not in text else None
    except ValueError:
        return None


def texts(v):
    return [] if v is None else [str(e) if not isinstance(e, bool) else str(e).lower() for e in (v if isinstance(v, list) else [v])]


class Question:
    def __init__(self, q):
        self.q, self.solver, self.values, self.there = q, z3.Solver(), {}, {}
        self.solver.set("timeout", 10000)
        self.kind, self.action = z3.Int("kind"), z3.Int("action")
        self.arn, self.account, self.session, self.service = (z3.String(n) for n in ("arn", "account", "session", "service"))
        self.iam = z3.Bool("iam")
        self.caller()

    def add(self, *formulas):
        self.solver.add(*formulas)

    def caller(self):
        own = self.q["account"]
        person = self.kind < SERVICE
        name = z3.Plus(NOT_COLON)
        self.add(self.kind >= 0, self.kind <= NOBODY, self.action >= 0, self.action < len(self.q["actions"]))
        self.add(z3.InRe(self.account, z3.Loop(DIGIT, 12, 12)))
        head = z3.Concat(z3.StringVal("arn:aws:iam::"), self.account)
        rest = z3.String("rest")
        self.add(z3.Implies(self.kind == ROOT, self.arn == z3.Concat(head, z3.StringVal(":root"))))
        for kind, middle in ((USER, ":user/"), (ROLE, ":role/")):
            self.add(z3.Implies(self.kind == kind, self.arn == z3.Concat(head, z3.StringVal(middle), rest)))
        self.add(z3.Implies(self.kind == FEDERATED, self.arn == z3.Concat(z3.StringVal("arn:aws:sts::"), self.account, z3.StringVal(":federated-user/"), rest)))
        self.add(z3.InRe(rest, name))
        self.add(z3.Or(person, self.arn == ""), z3.Or(self.kind == ROLE, self.session == ""))
        self.add(z3.Or(self.kind == SERVICE, self.service == ""), z3.Implies(self.kind == SERVICE, z3.InRe(self.service, z3.Concat(z3.Plus(ANY), z3.Re(".amazonaws.com")))))
        # The root user and other accounts' callers are as if IAM allowed them.
        self.add(z3.Implies(z3.Or(self.account != own, self.kind == ROOT, self.kind >= SERVICE), self.iam))
        named = [p for d in ("new", "old") for s in self.q[d]["Statement"] for p in self.named(s)]
        for p in named:
            m = re.fullmatch(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+", p)
            if m:
                roles = [r for r in named if re.fullmatch(r"arn:aws:iam::%s:role/(.*/)?%s" % (m[1], re.escape(m[2])), r)]
                fits = z3.Or([self.arn == r for r in roles]) if roles else z3.InRe(self.arn, z3.Union(z3.Re("arn:aws:iam::%s:role/%s" % (m[1], m[2])), z3.Concat(z3.Re("arn:aws:iam::%s:role/" % m[1]), name, z3.Re("/" + m[2]))))
                self.add(z3.Implies(self.session == p, fits))

    @staticmethod
    def named(statement):
        who = statement.get("Principal", statement.get("NotPrincipal"))
        return ["*"] if who == "*" else texts(who.get("AWS"))

    def is_named(self, p):
        if p == "*":
            return z3.BoolVal(True)
        if ":assumed-role/" in p:
            return self.session == p
        if p.startswith("arn:"):
            return z3.And(self.arn == p, self.kind != ROOT)
        return z3.BoolVal(False)

    def of_account(self, p):
        m = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", p)
        return z3.And(self.kind < SERVICE, self.account == m[1]) if m else z3.BoolVal(False)

    def reaches(self, s):
        """Whether a statement names the caller, and whether it names its account."""
        if "NotPrincipal" in s:
            who = s["NotPrincipal"]
            aws, services = texts(who.get("AWS")), texts(who.get("Service"))
            account = z3.Or([self.of_account(p) for p in aws] + [z3.BoolVal(False)])
            role = z3.Or([self.arn == p for p in aws if ":role/" in p] + [z3.BoolVal(False)])
            session = z3.Or([self.session == p for p in aws if ":assumed-role/" in p] + [z3.BoolVal(False)])
            user = z3.Or([self.arn == p for p in aws if ":user/" in p or ":federated-user/" in p] + [z3.BoolVal(False)])
            spared = z3.Or(z3.BoolVal("*" in aws), z3.And(self.kind == ROOT, account), z3.And(self.kind == ROLE, account, role, session),
                           z3.And(z3.Or(self.kind == USER, self.kind == FEDERATED), account, user),
                           z3.And(self.kind == SERVICE, z3.Or([self.service == n for n in services] + [z3.BoolVal(False)])))
            return z3.Not(spared), z3.BoolVal(False)
        who = s["Principal"]
        if who == "*":
            return z3.BoolVal(True), z3.BoolVal(False)
        named = [self.is_named(p) for p in texts(who.get("AWS"))] + [self.service == n for n in texts(who.get("Service"))]
        for provider in texts(who.get("Federated")):
            there, value = self.key("aws:federatedprovider")
            named.append(z3.And(self.kind == ROLE, there, value == provider))
        return z3.Or(named + [z3.BoolVal(False)]), z3.Or([self.of_account(p) for p in texts(who.get("AWS"))] + [z3.BoolVal(False)])

    def key(self, name, sort="text", slot=0):
        """A condition key: whether it is there, and its value."""
        if name in ("kms:calleraccount", "aws:principalaccount"):
            return self.kind < SERVICE, self.account
        if name == "aws:principalarn":
            return self.kind < SERVICE, self.arn
        if name == "aws:epochtime":
            name = "aws:currenttime"
        if (name, slot) not in self.values:
            self.make(name, sort, slot)
        return self.there[name, slot], self.values[name, slot]

    def make(self, name, sort, slot):
        there = z3.Bool("has %s %d" % (name, slot))
        value = {"text": z3.String, "number": z3.Real, "date": z3.Real, "address": z3.Int}[sort]("%s %d" % (name, slot))
        self.there[name, slot], self.values[name, slot] = there, value
        only = self.q["keys"].get(name, {}).get("actions")
        if only is not None:
            self.add(z3.Implies(there, self.acts(only)))
        for known, is_value in (("aws:securetransport", "true"), ("aws:requestedregion", self.q["region"]), ("aws:resourceaccount", self.q["account"]), ("kms:keyspec", self.q["spec"]), ("aws:resourceorgid", self.q["org"])):
            if name == known:
                self.add(there, value == is_value)
        person = self.kind < SERVICE
        if name == "aws:principalisawsservice":
            self.add(there, value == z3.If(self.kind == SERVICE, z3.StringVal("true"), z3.StringVal("false")))
        elif name == "aws:principaltype":
            kinds = ["Account", "User", "AssumedRole", "FederatedUser", "", "Anonymous"]
            self.add(there == (self.kind != SERVICE), *[z3.Implies(self.kind == i, value == k) for i, k in enumerate(kinds) if k])
        elif name == "aws:principalservicename":
            self.add(there == (self.kind == SERVICE), value == self.service)
        elif name == "aws:username":
            self.add(there == (self.kind == USER), z3.InRe(value, z3.Plus(z3.Intersect(NOT_COLON, z3.Complement(z3.Re("/"))))))
            self.add(z3.Implies(there, z3.SuffixOf(z3.Concat(z3.StringVal("/"), value), self.arn)))
        elif name == "aws:principalorgid":
            self.add(z3.Implies(there, person), z3.Implies(z3.And(person, self.account == self.q["account"]), z3.And(there, value == self.q["org"])))
        elif name.startswith("aws:principaltag/"):
            self.add(z3.Implies(there, z3.And(person, self.kind != ROOT)))
        elif name in ("aws:multifactorauthage", "aws:multifactorauthpresent"):
            self.add(z3.Implies(there, person))
        elif name == "aws:federatedprovider":
            self.add(z3.Implies(there, self.kind == ROLE))
        elif name in ("aws:sourcearn", "aws:sourceaccount"):
            self.add(z3.Implies(there, self.kind == SERVICE))
        elif name in ("aws:viaawsservice", "aws:currenttime"):
            self.add(there)
        other = {"aws:sourcearn": "aws:sourceaccount", "aws:sourceaccount": "aws:sourcearn"}.get(name)
        if other and (other, slot) in self.values:
            arn, account = self.values["aws:sourcearn", slot], self.values["aws:sourceaccount", slot]
            before, rest = z3.String("before %d" % slot), z3.String("rest %d" % slot)
            head = z3.Concat(*[part for _ in range(4) for part in (z3.Star(NOT_COLON), z3.Re(":"))])
            has_account = z3.InRe(arn, z3.Concat(head, z3.Loop(DIGIT, 12, 12), z3.Re(":"), z3.Star(ANY)))
            self.add(z3.Implies(z3.And(there, self.there[other, slot], has_account), z3.And(arn == z3.Concat(before, account, z3.StringVal(":"), rest), z3.InRe(before, head))))
        if name == "aws:sourceaccount":
            self.add(z3.InRe(value, z3.Loop(DIGIT, 12, 12)))
        if name in ("aws:viaawsservice", "aws:multifactorauthpresent", "kms:grantisforawsresource"):
            self.add(z3.Or(value == "true", value == "false"))
        if name in ("kms:rotationperiodindays", "aws:multifactorauthage") and z3.is_arith(value):
            low, high = (90, 2560) if name.startswith("kms") else (0, 10 ** 12)
            self.add(z3.IsInt(value), value >= low, value <= high)

    def acts(self, names):
        return z3.Or([self.action == i for i, a in enumerate(self.q["actions"]) if a in names] + [z3.BoolVal(False)])

    def compare(self, op, name, value, wants):
        """Whether one value is one of those of the policy."""
        return z3.Or([c for c in (self.one(op, name, value, w) for w in wants) if c is not None] + [z3.BoolVal(False)])

    def one(self, op, name, value, want):
        if op == "ipaddress":
            net = ipaddress.ip_network(want, strict=False)
            base = 1 << 64 if net.version == 4 else 1 << 129  # two ranges that do not meet
            return z3.And(value >= base + int(net[0]), value <= base + int(net[-1]))
        if op.startswith("numeric") or op.startswith("date"):
            n = moment(want) if op.startswith("date") else number(want)
            if n is None:
                return None
            n = z3.Q(n.numerator, n.denominator)
            rel = op.replace("numeric", "").replace("date", "")
            return {"equals": value == n, "lessthan": value < n, "lessthanequals": value <= n, "greaterthan": value > n, "greaterthanequals": value >= n}[rel]
        if op == "stringequals":
            return value == want
        if op == "bool":
            return value == want.lower() if want.lower() in ("true", "false") else None
        pattern = {"stringequalsignorecase": folded, "stringlike": glob, "arnequals": arn_glob, "arnlike": arn_glob}[op](want)
        return None if pattern is None else z3.InRe(value, pattern)

    def condition(self, op, name, wants):
        op, name = op.lower(), name.lower()
        if_exists = op.endswith("ifexists")
        op = op.removesuffix("ifexists")
        every, some = op.startswith("forallvalues:"), op.startswith("foranyvalue:")
        op = op.removeprefix("forallvalues:").removeprefix("foranyvalue:")
        positive = op.replace("not", "", 1)
        negated = positive != op
        sort = "address" if "ipaddress" in op else "number" if op.startswith("numeric") else "date" if op.startswith("date") else self.sort_of(name)
        slots = range(4) if self.q["keys"].get(name, {}).get("many") else range(1)
        keys = [self.key(name, sort, i) for i in slots]
        there = z3.Or([k[0] for k in keys])
        if op == "null":
            return z3.Or([z3.Not(there) if w.lower() == "true" else there for w in wants])
        fits = []
        for has, value in keys:
            c = self.compare(positive, name, value, wants)
            fits.append((has, z3.Not(c) if negated else c))
        if every:
            return z3.And([z3.Implies(has, c) for has, c in fits])
        holds = z3.Or([z3.And(has, c) for has, c in fits])
        return z3.Or(holds, z3.Not(there)) if if_exists or negated and not some else holds

    def keys_together(self):
        """What AWS puts into a request together: the age of a second factor with its use, and names of an encryption context with their list."""
        used = {name for name, _ in self.values}
        if "aws:multifactorauthage" in used:
            age, (has, value) = self.key("aws:multifactorauthage", "number")[0], self.key("aws:multifactorauthpresent")
            self.add(age == z3.And(has, value == "true"))
        names, app = "kms:encryptioncontextkeys", "kms:encryptioncontext:app"
        if names in used or app in used:
            listed = [z3.And(has, z3.InRe(value, folded("app"))) for has, value in (self.key(names, "text", i) for i in range(4))]
            self.add(self.key(app)[0] == z3.Or(listed))

    def sort_of(self, name):
        for d in ("new", "old"):
            for s in self.q[d]["Statement"]:
                for op, keys in s.get("Condition", {}).items():
                    for k in keys:
                        same = k.lower() == name or {k.lower(), name} == {"aws:epochtime", "aws:currenttime"}
                        low = op.lower()
                        if same and "ipaddress" in low:
                            return "address"
                        if same and ("numeric" in low or "date" in low):
                            return "number"
        return "text"

    def holds(self, s):
        parts = []
        sets = self.q["sets"]
        if "NotAction" in s:
            parts.append(z3.Not(self.acts({a for t in texts(s["NotAction"]) for a in sets[t]})))
        else:
            parts.append(self.acts({a for t in texts(s["Action"]) for a in sets[t]}))
        resource = self.q["resource"]
        fits = any(re.fullmatch(re.escape(r).replace(r"\*", ".*"), resource) for r in texts(s.get("Resource", s.get("NotResource"))))
        parts.append(z3.BoolVal(fits != ("NotResource" in s)))
        for op, keys in s.get("Condition", {}).items():
            for k, v in keys.items():
                parts.append(self.condition(op, k, texts(v)))
        return z3.And(parts)

    def allows(self, policy):
        allowed, denied = [z3.BoolVal(False)], [z3.BoolVal(False)]
        for s in policy["Statement"]:
            named, account = self.reaches(s)
            if s["Effect"] == "Deny":
                denied.append(z3.And(self.holds(s), z3.Or(named, account)))
            else:
                allowed.append(z3.And(self.holds(s), z3.Or(named, z3.And(account, self.iam))))
        return z3.And(z3.Or(allowed), z3.Not(z3.Or(denied)))

    def answer(self):
        self.add(self.allows(self.q["new"]), z3.Not(self.allows(self.q["old"])))
        self.keys_together()
        return {"unsat": "proven", "sat": "refuted"}.get(str(self.solver.check()), "unknown")


for line in sys.stdin:
    print(Question(json.loads(line)).answer(), flush=True)
