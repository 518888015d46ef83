package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fromEnvironment reads the SDK's variables, which is where Lambda puts
// everything. The SDK's own way also asks for profiles, roles of machines and
// single sign-on: a function has none of them, and would pay for the search
// with a slower start and a larger program.
func fromEnvironment() (aws.Config, error) {
	env, err := awsconfig.NewEnvConfig()
	if env.Region == "" {
		err = errors.Join(err, errors.New("AWS_REGION: is not set; Lambda sets it, elsewhere name the stack's Region"))
	}
	if !env.Credentials.HasKeys() {
		err = errors.Join(err, errors.New("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: are not set; Lambda sets them, elsewhere export them"))
	}
	client, clientErr := httpClient(env.CustomCABundle)
	if err := errors.Join(err, clientErr); err != nil {
		return aws.Config{}, err
	}
	sdk := aws.Config{
		Region: env.Region, Credentials: credentials.StaticCredentialsProvider{Value: env.Credentials}, HTTPClient: client,
		RetryMode: env.RetryMode, RetryMaxAttempts: env.RetryMaxAttempts, AppID: env.AppID,
		RequestChecksumCalculation: env.RequestChecksumCalculation, ResponseChecksumValidation: env.ResponseChecksumValidation,
		ConfigSources: []any{env}, // here the clients find endpoints of their own, FIPS and dual-stack
	}
	if env.BaseEndpoint != "" {
		sdk.BaseEndpoint = &env.BaseEndpoint
	}
	return sdk, nil
}

// connections are kept open to each host: every key of a batch may ask KMS two
// things at once.
const connections = 2 * sideBySide

// httpClient trusts, where bundle names a PEM file, its authorities only.
func httpClient(bundle string) (*awshttp.BuildableClient, error) {
	client := awshttp.NewBuildableClient().WithTimeout(attemptTimeout).WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = connections
	})
	if bundle == "" {
		return client, nil
	}
	pem, err := os.ReadFile(bundle) //nolint:gosec // whoever sets the environment may name any file
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate in PEM", bundle)
	}
	return client.WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}), nil
}
