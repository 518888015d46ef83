package catalog

// managedPolicies is the source of the principals below.
const managedPolicies = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"

// principals are the service principals that AWS's own managed policies name
// (iam:PassedToService, iam:AWSServiceName, kms:ViaService without a wildcard and
// the like), without Region and domain.
//
// Source: the AWS managed policies as of 2026-05-01 (the copy in moto 5.2.1), read
// in November 2026. 262 names, sorted. A service that no managed policy passes a
// role to is not in it; what user guides print beside them is in
// documentedPrincipals and in the uses.
var principals = [...]string{
	"access-analyzer", "access-grants.s3", "acm", "agentless.inspector2", "aiops", "airflow", "airflow-serverless",
	"amplify", "apidestinations.events", "apigateway", "appfabric", "appflow", "application-autoscaling",
	"application-insights", "application-signals.cloudwatch", "application-transformation", "appmesh", "apprunner",
	"appstream.application-autoscaling", "appsync", "aps", "artifact", "assets.marketplace", "athena", "auditmanager",
	"autoscaling", "aws-artifact-account-sync", "backup", "batch", "bedrock", "bedrock-agentcore", "braket", "budgets",
	"bugbust", "cassandra-streams", "cassandra.application-autoscaling", "channels.lex", "channels.lexv2", "chime",
	"cleanrooms", "cleanrooms-ml", "cloud9", "cloudformation", "cloudfront", "cloudtrail", "codeartifact", "codebuild",
	"codecatalyst", "codecatalyst-runner", "codeguru-profiler", "codeguru-reviewer", "codeguru-security",
	"codepipeline", "cognito-identity", "cognito-idp", "config", "config-conforms", "connect", "connect-campaigns",
	"context.cloudtrail", "continuousexport.discovery", "contract.iq", "contributorinsights.dynamodb", "controltower",
	"cost-optimization-hub.bcm", "credentials.iot", "custom.rds", "custom.rds-preview", "databrew", "dataexchange",
	"datasync", "datazone", "dax", "delivery.logs", "detective", "devops-guru", "directquery.opensearchservice", "dms",
	"dmsintegration.migrationhub", "docdb-elastic", "drs", "ds", "dsql", "dynamodb.application-autoscaling",
	"ebs.csi.eks", "ec2", "ec2-images", "ec2.application-autoscaling", "ec2.application-status-checks",
	"ec2.capacitymanager", "ec2fastlaunch", "ec2fleet", "ec2scheduled", "ec2sqlha", "ecs", "ecs-tasks",
	"ecs.application-autoscaling", "eks", "eks-connector", "elasticache", "elasticbeanstalk", "elasticfilesystem",
	"elasticloadbalancing", "elasticmapreduce", "elastictranscoder", "email.cognito-idp", "emr-containers",
	"emr-serverless", "entityresolution", "event-processor.health", "events", "events.managedservices",
	"events.workmail", "firehose", "fis", "fms", "forecast", "frauddetector", "fsx", "globalaccelerator", "glue",
	"grafana", "greengrass", "guardduty", "health", "healthlake", "imagebuilder", "ingress.eks", "inspector",
	"inspector2", "internetmonitor", "iot", "iotmanagedintegrations", "iotsitewise", "justintimeaccess.ssm", "kafka",
	"kendra", "kinesisreplication.dynamodb", "lakeformation", "lambda", "launchwizard", "lex", "lexv2",
	"license-management.marketplace", "license-manager.member-account", "logs", "lookoutequipment", "lookoutmetrics",
	"macie", "maintenance.elasticbeanstalk", "malware-protection-plan.guardduty", "malware-protection.guardduty",
	"managedupdates.elasticbeanstalk", "mediaconnect", "mediaconvert", "medical-imaging", "memorydb", "mgn",
	"migrationhub", "migrationhub-orchestrator", "migrationhub-strategy", "monitoring.thinclient", "monitron", "mpa",
	"mq", "neptune-graph", "network-firewall", "network-security-director", "network.bedrock-agentcore",
	"networkmanager", "nimble", "notifications", "notifications.ssm", "observability.aoss", "observabilityadmin",
	"omics", "opensearchservice", "ops.emr-serverless", "organizations", "orgsdatasync.servicecatalog", "osis",
	"panorama", "partnercentral-account-management", "permission.iq", "personalize", "pipes", "pods.eks",
	"private-marketplace.marketplace", "profile", "proton", "q", "qldb", "quicksight", "ram", "rds",
	"rds.application-autoscaling", "redshift", "redshift-data", "redshift-serverless", "refactor-spaces",
	"remediation.config", "replication.cassandra", "replication.dynamodb", "replication.ecr", "replication.lexv2",
	"replication.s3tables", "reporting.trustedadvisor", "resale-authorization.marketplace", "resource-explorer-2",
	"resource-groups", "resource-snapshot-job.partnercentral-selling", "restore-testing.backup", "robomaker",
	"rolesanywhere", "route53resolver", "runtime-identity.bedrock-agentcore", "s3", "s3.data-source.lustre.fsx",
	"sagemaker", "sagemaker-geospatial", "sagemaker.application-autoscaling", "scaler.lambda", "scheduler",
	"schema-conversion.dms", "schemas", "scraper.aps", "security-ir", "securityhub", "securityhubv2", "securitylake",
	"service.eks", "servicecatalog", "servicecatalog-appregistry", "servicequotas", "ses", "shield", "sms",
	"smsintegration.migrationhub", "sns", "spot", "spotfleet", "sqlworkbench", "ssm", "ssm-guiconnect",
	"ssm-quicksetup", "ssm-sap", "ssm.integrations", "sso", "states", "sync.proton", "synthetics",
	"telemetry-enablement.observabilityadmin", "telemetry-pipelines.observabilityadmin", "timestream-influxdb",
	"transfer", "transform-custom", "transitgateway", "triage.security-ir", "vmie", "vpc-lattice", "wafv2",
	"workspaces-instances",
}
