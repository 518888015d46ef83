module github.com/keysmith/keysmith/shared/keypolicy/internal/benchcompare

go 1.26.8

require (
	github.com/hashicorp/awspolicyequivalence v1.7.0
	github.com/keysmith/keysmith v0.0.0
	github.com/liamg/iamgo v0.0.9
)

require (
	github.com/aws/aws-sdk-go-v2 v1.48.0 // indirect
	github.com/liamg/jfather v0.0.7 // indirect
	github.com/mitchellh/mapstructure v1.5.0 // indirect
)

replace github.com/keysmith/keysmith => ../../../..
