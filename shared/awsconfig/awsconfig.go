// Package awsconfig configures the AWS SDK from the environment of a Lambda
// function, and the clients that need more than that.
package awsconfig

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// AttemptTimeout bounds one HTTP exchange. The SDK's own client has no bound.
const AttemptTimeout = 5 * time.Second

// FromEnvironment reads the SDK's variables, which is where Lambda puts
// everything, and reports every fault at once. The SDK's own loader also looks
// for profiles, instance roles and single sign-on: a function has none of them,
// and the search makes the start slower and the program larger.
//
// It keeps up to connections idle connections open to each host.
func FromEnvironment(connections int) (aws.Config, error) {
	env, err := awsconfig.NewEnvConfig()
	if env.Region == "" {
		err = errors.Join(err, errors.New("AWS_REGION: is not set. Lambda sets it; elsewhere, set it to the stack's Region"))
	}
	if !env.Credentials.HasKeys() {
		err = errors.Join(err, errors.New("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: are not set. Lambda sets them; elsewhere, export them"))
	}
	client, clientErr := httpClient(env.CustomCABundle, connections)
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

// httpClient trusts only the authorities of bundle, a PEM file, if it is named.
// It starts from the SDK's own transport, which has time limits for connecting.
func httpClient(bundle string, connections int) (*http.Client, error) {
	transport := awshttp.NewBuildableClient().GetTransport()
	transport.MaxIdleConnsPerHost = connections
	client := &http.Client{Transport: transport, Timeout: AttemptTimeout, CheckRedirect: refuseRedirect}
	if bundle == "" {
		return client, nil
	}
	pem, err := os.ReadFile(bundle) //nolint:gosec // who sets the environment may name any file
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s has no certificate in PEM format", bundle)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return client, nil
}

// refuseRedirect makes a redirect the answer, and so an error. The SDK's own
// client follows them without a limit, to any host, with a put in its hands. No
// regional endpoint of AWS sends any.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// NewS3 returns a client of S3 that also works with an emulator or a VPC
// endpoint.
func NewS3(sdk aws.Config) *s3.Client {
	return s3.NewFromConfig(sdk, func(o *s3.Options) {
		// A custom endpoint does not answer to bucket names as host names.
		o.UsePathStyle = o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
		if o.ResponseChecksumValidation == 0 {
			o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
		}
		if o.RequestChecksumCalculation == 0 {
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported
		}
	})
}
