"""Runs the StackSet commands of shared/docs/many-accounts.md, as they stand there, with
the AWS CLI on moto, and looks at what the templates made in the accounts.

Only the ids of the example are replaced, since moto chooses those of its own accounts and
units. moto ignores AccountFilterType and AutoDeployment, checks no AllowedPattern and judges
no trust policy: scripts/target/page_test.go holds the same commands against the templates."""

import json
import os
import re
import subprocess
import sys

import boto3

PAGE = "shared/docs/many-accounts.md"
HUB = "111122223333"
EXAMPLES = ("444455556666", "777788889999")
UNIT = "ou-ab12-11111111"
REGIONS = {"keysmith-target": ["eu-west-1"], "keysmith-watch": ["eu-west-1", "us-east-1"]}


def check(what, got, want):
    if got != want:
        raise SystemExit(f"FAIL: {what}: got {got!r}, want {want!r}")
    print(f"  ok: {what}")


def commands():
    """The fenced blocks of the page that make stack sets."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = re.findall(r"(?ms)^```\n(.*?)^```$", page.read())
    found = [b for b in blocks if "create-stack-set" in b]
    check("the page has two commands that make stack sets", len(found), 2)
    return found


def organization():
    """An organization with a unit and two accounts in it, as moto numbers them."""
    org = boto3.client("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    unit = org.create_organizational_unit(ParentId=root, Name="workloads")["OrganizationalUnit"]["Id"]
    accounts = []
    for i in range(len(EXAMPLES)):
        status = org.create_account(Email=f"{i}@example.com", AccountName=f"member-{i}")["CreateAccountStatus"]
        org.move_account(AccountId=status["AccountId"], SourceParentId=root, DestinationParentId=unit)
        accounts.append(status["AccountId"])
    return unit, accounts


def run(block, unit, accounts):
    for example, own in zip((UNIT, *EXAMPLES), (unit, *accounts)):
        check(f"the command names {example}", example in block, True)
        block = block.replace(example, own)
    done = subprocess.run(["sh", "-euc", block], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"FAIL: {block}\n{done.stdout}{done.stderr}")


def of(account, service, region):
    """A client of a member account: moto takes the account of the role that is assumed."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
    return boto3.client(
        service, region_name=region, aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"],
    )


def stack_set(name, accounts):
    cloudformation = boto3.client("cloudformation")
    described = cloudformation.describe_stack_set(StackSetName=name)["StackSet"]
    check(f"{name}: who deploys it", described["PermissionModel"], "SERVICE_MANAGED")
    instances = cloudformation.list_stack_instances(StackSetName=name)["Summaries"]
    got = sorted((i["Account"], i["Region"]) for i in instances)
    check(f"{name}: its instances", got, sorted((a, r) for a in accounts for r in REGIONS[name]))
    return {p["ParameterKey"]: p["ParameterValue"] for p in described["Parameters"]}


def roles(account, given):
    iam = of(account, "iam", "us-east-1")
    apply = given["HubApplyRoleArn"]
    for name, trusted in (("keysmith-target", apply), ("keysmith-target-plan", given["HubReadRoleArns"].split(","))):
        role = iam.get_role(RoleName=name)["Role"]
        check(f"{account}: {name}", role["Arn"], f"arn:aws:iam::{account}:role/{name}")
        statement = role["AssumeRolePolicyDocument"]["Statement"][0]
        check(f"{account}: {name} trusts the hub's account", statement["Principal"], {"AWS": HUB})
        check(f"{account}: {name} trusts these roles of it", statement["Condition"]["ArnLike"], {"aws:PrincipalArn": trusted})
        check(f"{account}: {name} asks for the external id", statement["Condition"]["StringEquals"], {"sts:ExternalId": given["ExternalId"]})
    # moto returns the text of a policy of a stack as Python writes it, not as JSON.
    policy = str(iam.get_role_policy(RoleName="keysmith-target", PolicyName="keys")["PolicyDocument"])
    for part in ("kms:PutKeyPolicy", f"arn:aws:kms:*:{account}:key/*", "kms:BypassPolicyLockoutSafetyCheck"):
        check(f"{account}: the policy of keysmith-target has {part}", part in policy, True)


def rule(account, region, given):
    events, queues = of(account, "events", region), of(account, "sqs", region)
    rules = events.list_rules()["Rules"]
    check(f"{account} {region}: its rules", len(rules), 1)
    pattern = json.loads(rules[0]["EventPattern"])
    check(f"{account} {region}: the rule is for its own events", pattern["account"], [account])
    target = events.list_targets_by_rule(Rule=rules[0]["Name"])["Targets"][0]
    check(f"{account} {region}: they go to the hub's bus", target["Arn"], given["HubBusArn"])
    urls = queues.list_queues().get("QueueUrls", [])
    check(f"{account} {region}: its dead-letter queues", len(urls), 1)
    queue = queues.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["All"])["Attributes"]
    check(f"{account} {region}: what the hub does not take goes there", target["DeadLetterConfig"]["Arn"], queue["QueueArn"])


def main():
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    unit, accounts = organization()
    for block in commands():
        run(block, unit, accounts)
    given = stack_set("keysmith-target", accounts)
    for account in accounts:
        roles(account, given)
    given = stack_set("keysmith-watch", accounts)
    for account in accounts:
        for region in REGIONS["keysmith-watch"]:
            rule(account, region, given)


if __name__ == "__main__":
    sys.exit(main())
