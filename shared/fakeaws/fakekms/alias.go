package fakekms

import (
	"context"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/fakeaws/internal/wire"
)

type alias struct {
	name    string
	key     *key
	created time.Time
}

func (s *Service) resolveAlias(arn string) (string, error) {
	a, ok := s.aliases[arn]
	if !ok {
		return arn, wire.Errorf("NotFoundException", "Alias %s is not found.", arn)
	}
	return a.key.arn(), nil
}

func aliasARN(k *key, name string) string {
	return strings.TrimSuffix(k.arn(), "key/"+k.id) + name
}

type createAliasInput struct{ AliasName, TargetKeyId string }

func (s *Service) createAlias(_ context.Context, call *wire.Call, in createAliasInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.authorized(call, in.TargetKeyId, false)
	if err != nil {
		return nil, err
	}
	switch {
	case !strings.HasPrefix(in.AliasName, "alias/") || len(in.AliasName) == len("alias/"):
		return nil, wire.Errorf("ValidationException", "Invalid identifier")
	case strings.HasPrefix(in.AliasName, "alias/aws/"):
		return nil, wire.Errorf("NotAuthorizedException", "")
	case s.aliases[aliasARN(k, in.AliasName)] != nil:
		return nil, wire.Errorf("AlreadyExistsException", "An alias with the name %s already exists", aliasARN(k, in.AliasName))
	}
	s.aliases[aliasARN(k, in.AliasName)] = &alias{name: in.AliasName, key: k, created: s.opts.Now()}
	return struct{}{}, nil
}
