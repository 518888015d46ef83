package runtimeapi

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config says which binary runs, and as which function.
type Config struct {
	Bootstrap   string        // path of the binary
	Env         []string      // NAME=value; the process sees these and Lambda's own, nothing of the caller's
	FunctionARN string        // names the function and the Region
	Timeout     time.Duration // of one invocation; 3 s where it is zero, as on Lambda
	InitTimeout time.Duration // until the runtime first asks for work; 10 s where it is zero, as on Lambda
	MemoryMB    int           // told to the function, not enforced; 128 where it is zero
	Stdout      io.Writer     // discarded where nil
	Stderr      io.Writer     // discarded where nil
}

func (c Config) withDefaults() Config {
	if c.FunctionARN == "" {
		c.FunctionARN = "arn:aws:lambda:us-east-1:111122223333:function:local"
	}
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.InitTimeout == 0 {
		c.InitTimeout = 10 * time.Second
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = 128
	}
	return c
}

// environment is what the process sees. What the caller gave comes last and so
// wins, except the address of the Runtime API, without which nothing works.
func (c Config) environment(address string) []string {
	parts := strings.Split(c.FunctionARN, ":")
	name := parts[len(parts)-1]
	region := "us-east-1"
	if len(parts) > 3 && parts[3] != "" {
		region = parts[3]
	}
	env := []string{
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(c.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME=local",
		"AWS_DEFAULT_REGION=" + region,
		"AWS_REGION=" + region,
		"LAMBDA_TASK_ROOT=" + filepath.Dir(c.Bootstrap),
		"TZ=:UTC",
		"_HANDLER=bootstrap",
	}
	env = append(env, c.Env...)
	return append(env, "AWS_LAMBDA_RUNTIME_API="+address)
}

// Environment is for Config.Env: a function's own variables, and what it needs
// to find AWS at endpoint, as the holder of an access key. Nothing of this
// machine's own AWS set-up is used.
func Environment(endpoint, accessKey string, variables map[string]string) []string {
	env := []string{
		"AWS_ENDPOINT_URL=" + endpoint,
		"AWS_ACCESS_KEY_ID=" + accessKey,
		"AWS_SECRET_ACCESS_KEY=none",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		env = append(env, name+"="+variables[name])
	}
	return env
}
